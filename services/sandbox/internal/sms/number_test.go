package sms_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/sms"
)

func TestValidNumberIsE164(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]bool{
		"+14055550123": true, "+442079460000": true, "+15002000001": true,
		"": false, "12": false, "+12": false, "14055550123": false, "+0405555012345": false,
		"+1405555012": false, "+140555501234": false, "+1405555o123": false, "+1234567890123456": false, "+1 405 555 0123": false,
	} {
		require.Equal(t, want, sms.ValidNumber(number), number)
	}
}
