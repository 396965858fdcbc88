<?php
// SPDX-License-Identifier: ISC
// A WordPress is installed from Debian's package, as its own web page would do
// it, into the database of the arguments; then three posts are written.
//
//     php wordpress.php SOCKET FOLDER

define('WP_INSTALLING', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DB_HOST', 'localhost:' . $argv[1]);
define('DB_NAME', 'wordpress');
define('DB_USER', 'wordpress');
define('DB_PASSWORD', 'blog');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_CONTENT_DIR', $argv[2]);
define('ABSPATH', '/usr/share/wordpress/');
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'] as $key)
    define($key, 'of a test');
$table_prefix = 'wp_';
$_SERVER['HTTP_HOST'] = 'localhost';
$_SERVER['REQUEST_URI'] = '/';

function wp_mail()
{
    return true;
}

require ABSPATH . 'wp-settings.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
$made = wp_install('A blog', 'admin', 'admin@example.org', true, '', 'a long password');
foreach (['First things' => '2026-01-01 10:00:00', 'Zweiter Tag 😀' => '2026-01-02 10:00:00', 'Third & last' => '2026-01-03 10:00:00'] as $title => $day)
    wp_insert_post(['post_title' => $title, 'post_content' => 'Text of ' . $title, 'post_status' => 'publish', 'post_date' => $day, 'post_author' => $made['user_id']]);
wp_insert_post(['post_title' => 'Not yet', 'post_status' => 'draft', 'post_author' => $made['user_id']]);
echo $made['user_id'], "\n";
