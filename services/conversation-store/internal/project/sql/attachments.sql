INSERT INTO message_attachments (
	workspace_id, message_id, position, id, filename, content_type, size, blob_key, content_id, missing_reason)
SELECT file.workspace_id, file.message_id, file.position, file.id, file.filename, file.content_type, file.size,
	file.blob_key, file.content_id, file.missing_reason
FROM unnest(
	$1::uuid[], $2::uuid[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[],
	$10::text[]
) AS file (workspace_id, message_id, position, id, filename, content_type, size, blob_key, content_id, missing_reason)
ON CONFLICT (workspace_id, message_id, position) DO NOTHING
