#!/usr/bin/perl
# about: Counts the words and characters of a text
# param text string: What to count; without it the user is asked
# readOnly: yes
#
# A tool in Perl: a JSON object comes on stdin, JSON lines leave on stdout.
use strict;
use warnings;
use JSON::PP;

$| = 1;
my $json = JSON::PP->new->utf8;

sub say_line { print $json->encode({@_}), "\n" }

my $given = $json->decode(do { local $/; <STDIN> });
my $answer = ($given->{input} // {})->{text};
my $text = $given->{text} || (($answer // {})->{content} // {})->{text};
if (!$text && $answer) {
    say_line(isError => JSON::PP::true, content => [{ type => 'text', text => 'there is no text to count' }]);
} elsif (!$text) {
    say_line(ask => { text => { method => 'elicitation/create', params => {
        mode => 'form',
        message => 'There is no text yet. What shall be counted?',
        requestedSchema => {
            type => 'object',
            properties => { text => { type => 'string' } },
            required => ['text'],
        },
    } } });
} else {
    say_line(progress => 1, total => 2, message => 'words');
    my @words = split ' ', $text;
    say_line(progress => 2, total => 2, message => 'characters');
    say_line(structuredContent => { words => scalar(@words), characters => length($text) });
}
