INSERT INTO contact_addresses (workspace_id, channel, address, contact_id)
SELECT DISTINCT workspace_id, 'sms', address, contact_id
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS given (workspace_id, contact_id, address)
ORDER BY workspace_id, address
ON CONFLICT (workspace_id, channel, address) DO NOTHING
