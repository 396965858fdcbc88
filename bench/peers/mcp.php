<?php
// SPDX-License-Identifier: ISC
// The same three statements as a page of PHP would serve them, nothing checked.
$asked = json_decode(file_get_contents('php://input'), true);
$columns = 'SELECT id, customer_id, status, sku, total, created_at FROM orders';
$tools = [
	'get_order' => ["$columns WHERE id = ?", 'id'],
	'list_orders' => ["$columns WHERE id > ? ORDER BY id LIMIT 1000", 'after'],
	'sales_summary' => ['SELECT status, channel, count(*) AS n, sum(total) AS revenue, avg(quantity) AS quantity FROM orders GROUP BY status, channel', null],
];

function call($tool, $arguments)
{
	$db = new PDO('sqlite:' . getenv('BENCH_DB'), null, null, [PDO::ATTR_PERSISTENT => true]);
	$statement = $db->prepare($tool[0]);
	$statement->execute($tool[1] === null ? [] : [$arguments[$tool[1]]]);
	$rows = $statement->fetchAll(PDO::FETCH_ASSOC);
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
