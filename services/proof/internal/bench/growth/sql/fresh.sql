CREATE TEMPORARY TABLE fresh (
	workspace_id uuid NOT NULL,
	conversation_id uuid NOT NULL,
	contact_id uuid NOT NULL,
	channel_account_id uuid NOT NULL,
	provider text NOT NULL,
	ours text NOT NULL,
	peer text NOT NULL,
	-- The number of the conversation within its workspace.
	n integer NOT NULL,
	began_at timestamptz NOT NULL
) ON COMMIT DROP
