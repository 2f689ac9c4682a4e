UPDATE conversations SET
	status = @status, is_unread = @is_unread, is_starred = @is_starred, assigned_to = @assigned_to,
	labels = @labels, tags = @tags, snoozed_until = @snoozed_until, updated_at = @updated_at
WHERE id = @id
