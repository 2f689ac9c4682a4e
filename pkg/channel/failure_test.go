package channel_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/channel"
)

func TestFailure(t *testing.T) {
	t.Parallel()

	t.Run("every class has a code and a remedy", func(t *testing.T) {
		t.Parallel()
		for _, class := range []channel.Class{
			channel.Permanent, channel.PermanentConfig, channel.Auth, channel.AuthScopeLimited, channel.RateLimited,
			channel.Quota, channel.Retryable, channel.UnknownOutcome, channel.OptedOut, channel.Suppressed,
			channel.WindowClosed, "new",
		} {
			failure := channel.FailureOf(fmt.Errorf("sending: %w", &channel.Error{Class: class, ProviderCode: "7", Message: "no"}))
			require.NotEmpty(t, failure.Code, class)
			require.NotEmpty(t, failure.Remedy, class)
			require.Equal(t, "7", failure.ProviderCode)
			require.Equal(t, "no", failure.Message)
		}
	})

	t.Run("no failure is without words, whatever the provider says", func(t *testing.T) {
		t.Parallel()
		for _, code := range []string{
			channel.CodeRefused, channel.CodeInvalidRecipient, channel.CodeUnreachable, channel.CodeFiltered,
			channel.CodeBounced, channel.CodeComplained, channel.CodeSuppressed, channel.CodeOptedOut, channel.CodeExpired,
			channel.CodeConfiguration, channel.CodeCredentialInvalid, channel.CodeRateLimited, channel.CodeQuotaExceeded,
			channel.CodeProviderDown, channel.CodeOutcomeUnknown, channel.CodeWindowClosed, channel.CodeProviderFailed, "new",
		} {
			failure := channel.NewFailure(code, "7", " ")
			require.NotEmpty(t, failure.Message, code)
			require.NotEmpty(t, failure.Remedy, code)
			require.Equal(t, "no", channel.NewFailure(code, "7", "no").Message)
		}
		require.NotEmpty(t, channel.FailureOf(&channel.Error{Class: channel.Permanent, HTTPStatus: 400}).Message)
		require.NotEmpty(t, channel.FailureOf(&channel.Error{Class: channel.UnknownOutcome}).Message)
		require.NotEmpty(t, channel.FailureOf(errors.New("a stranger's")).Message)
	})

	t.Run("a code the provider's folder knows says more than its class", func(t *testing.T) {
		t.Parallel()
		failure := channel.FailureOf(&channel.Error{
			Class: channel.Permanent, HTTPStatus: 400, Code: channel.CodeInvalidRecipient, Remedy: "Call instead.",
		})
		require.Equal(t, channel.CodeInvalidRecipient, failure.Code)
		require.Equal(t, "Call instead.", failure.Remedy)
	})

	t.Run("a stranger's error is an unknown outcome and does not speak", func(t *testing.T) {
		t.Parallel()
		err := errors.New("secret detail")
		require.Equal(t, channel.UnknownOutcome, channel.ClassOf(err))
		require.Equal(t, channel.CodeOutcomeUnknown, channel.FailureOf(err).Code)
		require.NotContains(t, channel.FailureOf(err).Message, "secret")
	})

	t.Run("an error shows its cause", func(t *testing.T) {
		t.Parallel()
		err := &channel.Error{Class: channel.UnknownOutcome, Err: context.DeadlineExceeded}
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "deadline")
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	date := time.Date(2026, 3, 17, 22, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "-5": 0, "soon": 0, "NaN": 0, "7": 7 * time.Second, "0.25": 250 * time.Millisecond,
		"86400": time.Hour, "1e300": time.Hour, "Inf": time.Hour,
		date.Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second,
		date.Add(-time.Hour).Format(http.TimeFormat):       0,
	} {
		header := http.Header{}
		header.Set("Retry-After", text)
		header.Set("Date", date.Format(http.TimeFormat))
		require.Equal(t, want, channel.RetryAfter(header), "%q", text)
	}
	undated := http.Header{}
	undated.Set("Retry-After", date.Format(http.TimeFormat))
	require.Zero(t, channel.RetryAfter(undated))
}

func TestClassOfStatus(t *testing.T) {
	t.Parallel()
	for status := 100; status < 600; status++ {
		class := channel.ClassOfStatus(status)
		if status >= 500 || status < 300 {
			require.Equal(t, channel.UnknownOutcome, class, "%d proves nothing", status)
		}
		if class == channel.Retryable {
			require.Equal(t, http.StatusTooEarly, status)
		}
	}
	require.Equal(t, channel.UnknownOutcome, channel.ClassOfStatus(http.StatusRequestTimeout))
	require.Equal(t, channel.UnknownOutcome, channel.ClassOfStatus(http.StatusSeeOther), "a POST that was taken may answer so")
}
