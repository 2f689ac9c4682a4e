package delivery

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func TestRuleFor_EveryClass(t *testing.T) {
	t.Parallel()
	want := map[channel.Class]ruling{
		channel.Permanent:        {finish, channel.Failed},
		channel.PermanentConfig:  {finish, channel.Failed},
		channel.AuthScopeLimited: {finish, channel.Failed},
		channel.OptedOut:         {finish, channel.Blocked},
		channel.Suppressed:       {finish, channel.Blocked},
		channel.WindowClosed:     {finish, channel.Blocked},
		channel.Quota:            {finish, channel.Blocked},
		channel.RateLimited:      {slow, ""},
		channel.Retryable:        {retry, ""},
		channel.Auth:             {hold, ""},
		channel.UnknownOutcome:   {lookUp, ""},
		"never heard of":         {lookUp, ""},
	}
	for class, ruling := range want {
		require.Equal(t, ruling, ruleFor(class), class)
	}
}

func TestPatience_DoublesUpToTheLongestAndEnds(t *testing.T) {
	t.Parallel()
	p := Patience{Tries: 8, Within: time.Hour, First: time.Second, Longest: 10 * time.Second}
	require.Equal(t, time.Second, p.wait(1))
	require.Equal(t, 8*time.Second, p.wait(4))
	require.Equal(t, 10*time.Second, p.wait(5))
	require.Equal(t, 10*time.Second, p.wait(1000))
	require.False(t, p.exhausted(7, time.Now()))
	require.True(t, p.exhausted(8, time.Now()))
	require.True(t, p.exhausted(1, time.Now().Add(-2*time.Hour)))
}

func TestUploadTime_LargeFilesHaveLonger(t *testing.T) {
	t.Parallel()
	require.Zero(t, UploadTime(1000))
	require.Equal(t, 25*time.Second, UploadTime(25<<20))
	require.Equal(t, 10*time.Minute, UploadTime(1<<62))
}
