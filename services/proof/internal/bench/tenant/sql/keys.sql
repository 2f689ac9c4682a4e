INSERT INTO conversations.api_keys (workspace_id, id, name, prefix, key_hash, role)
SELECT homes.id, gen_random_uuid(), 'bench', 'ck_bench', key.hash, 'admin'
FROM homes JOIN unnest($1::bytea[]) WITH ORDINALITY AS key (hash, n) ON key.n = homes.n
