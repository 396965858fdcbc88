#!/usr/bin/php
<?php
// about: Counts the words and characters of a text
// param text string: What to count; without it the user is asked
// readOnly: yes
//
// A tool in PHP: a JSON object comes on stdin, JSON lines leave on stdout.

function say(array $line): void
{
    echo json_encode($line, JSON_UNESCAPED_UNICODE), "\n";
    flush();
}

$given = json_decode(stream_get_contents(STDIN), true);
$answer = $given['input']['text'] ?? null;
$text = ($given['text'] ?? '') ?: ($answer['content']['text'] ?? '');
if ($text === '' && $answer !== null) {
    say(['isError' => true, 'content' => [['type' => 'text', 'text' => 'there is no text to count']]]);
} elseif ($text === '') {
    say(['ask' => ['text' => ['method' => 'elicitation/create', 'params' => [
        'mode' => 'form',
        'message' => 'There is no text yet. What shall be counted?',
        'requestedSchema' => [
            'type' => 'object',
            'properties' => ['text' => ['type' => 'string']],
            'required' => ['text'],
        ],
    ]]]]);
} else {
    say(['progress' => 1, 'total' => 2, 'message' => 'words']);
    $words = count(preg_split('/\s+/', trim($text)));
    say(['progress' => 2, 'total' => 2, 'message' => 'characters']);
    say(['structuredContent' => ['words' => $words, 'characters' => preg_match_all('/./us', $text)]]);
}
