<?php
// SPDX-License-Identifier: ISC
// The same three statements as a page of PHP would serve them: the database is
// opened for each request, nothing is checked.
$asked = json_decode(file_get_contents('php://input'), true);
$columns = 'SELECT id, customer_id, status, sku, total, created_at FROM orders';
$tools = [
	'get_order' => ["$columns WHERE id = ?", 'id'],
	'list_orders' => ["$columns WHERE id > ? ORDER BY id LIMIT 1000", 'after'],
	'sales_summary' => ['SELECT status, channel, count(*) AS n, sum(total) AS revenue, avg(quantity) AS quantity FROM orders GROUP BY status, channel', null],
];

function call($tool, $arguments)
{
	$db = new SQLite3(getenv('BENCH_DB'), SQLITE3_OPEN_READONLY);
	$statement = $db->prepare($tool[0]);
	if ($tool[1] !== null)
		$statement->bindValue(1, $arguments[$tool[1]], SQLITE3_INTEGER);
	$found = $statement->execute();
	$rows = [];
	while ($row = $found->fetchArray(SQLITE3_ASSOC))
		$rows[] = $row;
	return ['content' => [['type' => 'text', 'text' => json_encode($rows)]]];
}

switch ($asked['method']) {
case 'initialize':
	$result = ['protocolVersion' => '2025-06-18', 'capabilities' => ['tools' => (object)[]], 'serverInfo' => ['name' => 'php', 'version' => '1']];
	break;
case 'tools/list':
	$result = ['tools' => array_map(fn($n) => ['name' => $n, 'description' => $n, 'inputSchema' => ['type' => 'object']], array_keys($tools))];
	break;
default:
	$result = call($tools[$asked['params']['name']], $asked['params']['arguments'] ?? []);
}
header('Content-Type: application/json');
echo json_encode(['jsonrpc' => '2.0', 'id' => $asked['id'], 'result' => $result]);
