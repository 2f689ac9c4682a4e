SELECT k.workspace_id::text, k.id::text
FROM homes JOIN conversations.api_keys k ON k.workspace_id = homes.id
ORDER BY homes.n
