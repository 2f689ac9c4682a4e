package resend_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/resend"
)

func TestSignMatchesTheProvidersOwnSignatures(t *testing.T) {
	t.Parallel()
	key, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	require.NoError(t, err)
	for file, vector := range map[string]struct{ id, want string }{
		"svix.body":             {"msg_p5jXN8AQM9LWM0D4loKWxJek", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
		"email_sent.json":       {"msg_vec_01", "v1,8GgOw43qM7shdrkQzlUiyTkGdhgcUlxYqxFHcgGgk+Y="},
		"email_bounced.json":    {"msg_vec_04", "v1,BIIoRXUjD68L4L3K5SOFGn7zN/Tm+01Y5jv7nZa5mRA="},
		"email_complained.json": {"msg_vec_05", "v1,yrKs6dtCJT4N2XslhcoiwXunrhVzPSP76F4MNO1P4OM="},
		"email_received.json":   {"msg_vec_in", "v1,RkturjjyeADB1TUwY4k7foq2MEPiE5GRa5x1pizFjgc="},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(filepath.Join("testdata", file))
			require.NoError(t, err)
			require.Equal(t, vector.want, resend.Sign(key, vector.id, "1614265330", body))
		})
	}
}
