package gateway_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/galaxyco-ai/conversations/pkg/bus"
	"github.com/galaxyco-ai/conversations/pkg/event"
	bucketv1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/bucket/v1"
	"github.com/galaxyco-ai/conversations/services/gateway"
)

type me struct {
	User      *struct{ ID, Name, Email string } `json:"user"`
	Workspace struct{ ID, Name, Slug string }   `json:"workspace"`
	Role      string                            `json:"role"`
}

func signUp(t *testing.T, g *gatewayTest) (answer, *http.Cookie) {
	t.Helper()
	response := send(t, newRequest(t, http.MethodPost, g.url+"/api/auth/signup", map[string]string{
		"name": "Ada", "email": "Ada@Example.com", "password": "correct horse battery", "workspaceName": "Ada's shop",
	}))
	if response.StatusCode != http.StatusCreated {
		return response, nil
	}
	require.Len(t, response.Cookies(), 1)
	return response, response.Cookies()[0]
}

func TestSession(t *testing.T) {
	t.Parallel()

	t.Run("sign-up answers who one is, with a cookie scripts cannot read, and the channels are there", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		g.answerQuestions(t)

		response, cookie := signUp(t, g)

		require.Equal(t, http.StatusCreated, response.StatusCode, response.body)
		var got me
		response.decode(t, &got)
		require.Equal(t, "ada@example.com", got.User.Email)
		require.Equal(t, "Ada's shop", got.Workspace.Name)
		require.Equal(t, "owner", got.Role)
		require.Equal(t, "conversations_session", cookie.Name)
		require.True(t, cookie.HttpOnly)
		require.True(t, cookie.Secure, "the public URL is https")
		require.Equal(t, http.SameSiteLaxMode, cookie.SameSite)
		require.Equal(t, "/", cookie.Path)
		require.WithinDuration(t, time.Now().Add(time.Hour), cookie.Expires, time.Minute)
		require.NotContains(t, response.body, cookie.Value)

		r := newRequest(t, http.MethodGet, g.url+"/api/settings/communications", nil)
		r.AddCookie(cookie)
		settings := send(t, r)
		require.JSONEq(t, `{"channels":[{
			"channel":"sms","mode":"platform","provider":"alpha","from":"+15002000009","sandbox":true,"hasTemplates":false,"isExperimental":false,
			"limits":{"maxFiles":0,"maxFileBytes":0,"maxTotalBytes":0,"fileTypes":[],"maxBody":1600,"maxRecipients":0}
		}]}`, settings.body)
	})

	t.Run("on plain http the cookie is not marked secure", func(t *testing.T) {
		t.Parallel()
		g := setup(t, func(cfg *gateway.Config) { cfg.PublicURL = "http://127.0.0.1:8080" })
		g.answerQuestions(t)
		response, cookie := signUp(t, g)
		require.False(t, cookie.Secure)
		require.Empty(t, response.Header.Get("Strict-Transport-Security"))
	})

	t.Run("login gives a session, a wrong password a problem", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		g.answerQuestions(t)
		logIn := func(password string) answer {
			return send(t, newRequest(t, http.MethodPost, g.url+"/api/auth/login", map[string]string{
				"email": "ada@example.com", "password": password,
			}))
		}
		require.Equal(t, http.StatusOK, logIn("correct horse battery").StatusCode)
		response := logIn("wrong horse battery")
		require.Equal(t, http.StatusUnauthorized, response.StatusCode)
		require.Equal(t, "unauthenticated", response.problem(t).Code)
		require.Empty(t, response.Cookies())
	})

	t.Run("logout ends the session at once and takes the cookie away", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		g.answerQuestions(t)
		_, cookie := signUp(t, g)
		call := func(method, path string) answer {
			r := newRequest(t, method, g.url+path, nil)
			r.AddCookie(cookie)
			return send(t, r)
		}
		require.Equal(t, http.StatusOK, call(http.MethodGet, "/api/me").StatusCode)
		response := call(http.MethodPost, "/api/auth/logout")
		require.Equal(t, http.StatusNoContent, response.StatusCode, response.body)
		require.Empty(t, response.Cookies()[0].Value)
		require.True(t, response.Cookies()[0].Expires.Before(time.Now()))
		require.Equal(t, http.StatusUnauthorized, call(http.MethodGet, "/api/me").StatusCode)
	})

	t.Run("a session is known without the store, an expired one is not", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		status, _ := ada.call(t, http.MethodGet, "/api/settings/communications", nil)
		require.Equal(t, http.StatusOK, status)

		response := send(t, ada.request(t, http.MethodGet, "/api/me", nil))
		require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		require.Equal(t, "store_unavailable", response.problem(t).Code)

		g.putPrincipal(t, "old", &bucketv1.Principal{
			Kind: "session", Id: uuid.NewString(), WorkspaceId: ada.workspace.String(), Role: "owner",
			ExpiresAt: timestamppb.New(time.Now().Add(-time.Second)),
		})
		old := *ada
		old.token = "old"
		status, _ = old.call(t, http.MethodGet, "/api/settings/communications", nil)
		require.Equal(t, http.StatusUnauthorized, status)
	})

	t.Run("a session made a moment ago elsewhere is known", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		for range 20 {
			fresh := *ada
			fresh.token = "token-" + uuid.NewString()
			g.putPrincipal(t, fresh.token, &bucketv1.Principal{
				Kind: "session", Id: uuid.NewString(), WorkspaceId: ada.workspace.String(), Role: "agent",
			})
			status, body := fresh.call(t, http.MethodGet, "/api/settings/communications", nil)
			require.Equal(t, http.StatusOK, status, body)
		}
	})

	t.Run("a session taken away elsewhere ends here", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		ada := g.join(t)
		bucket, err := g.bus.Bucket(t.Context(), event.BucketAccess)
		require.NoError(t, err)
		require.NoError(t, bucket.Delete(t.Context(), event.AccessKey(ada.token)))
		require.Eventually(t, func() bool {
			status, _ := ada.call(t, http.MethodGet, "/api/settings/communications", nil)
			return status == http.StatusUnauthorized
		}, patience, 5*time.Millisecond)
	})
}

func TestAPIKey(t *testing.T) {
	t.Parallel()
	g := setup(t)
	answering, _ := g.answerQuestions(t)
	ada := g.join(t)
	apiKey, apiKeyID := "ck_"+uuid.NewString(), uuid.NewString()
	g.putPrincipal(t, apiKey, &bucketv1.Principal{
		Kind: "api_key", Id: apiKeyID, WorkspaceId: ada.workspace.String(), Role: "agent",
	})
	withKey := func(method, path string, body any) answer {
		r := newRequest(t, method, g.url+path, body)
		r.Header.Set("Authorization", "Bearer "+apiKey)
		return send(t, r)
	}

	t.Run("sends in the name of nobody", func(t *testing.T) {
		t.Parallel()
		response := withKey(http.MethodPost, "/api/communications", map[string]string{"channel": "sms", "to": "+14055550100", "body": "x"})
		require.Equal(t, http.StatusAccepted, response.StatusCode, response.body)
		require.Empty(t, g.sent(t)[0].GetSenderId())
	})

	t.Run("is reported as used", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, http.StatusOK, withKey(http.MethodGet, "/api/settings/communications", nil).StatusCode)
		require.Eventually(t, func() bool {
			answering.mu.Lock()
			defer answering.mu.Unlock()
			return len(answering.used) == 1 && answering.used[0] == apiKeyID
		}, patience, 5*time.Millisecond)
	})

	t.Run("of an agent manages no keys, and no key logs out", func(t *testing.T) {
		t.Parallel()
		for _, c := range [][2]string{{"POST", "/api/api-keys"}, {"DELETE", "/api/api-keys/" + uuid.NewString()}, {"POST", "/api/auth/logout"}} {
			var body any
			if c[1] == "/api/api-keys" {
				body = map[string]string{"name": "x"}
			}
			response := withKey(c[0], c[1], body)
			require.Equal(t, http.StatusForbidden, response.StatusCode, response.body)
			require.Equal(t, "forbidden", response.problem(t).Code)
		}
	})

	t.Run("an Authorization header that is wrong is not helped by the cookie", func(t *testing.T) {
		t.Parallel()
		r := ada.request(t, http.MethodGet, "/api/settings/communications", nil)
		r.Header.Set("Authorization", "Bearer ck_wrong")
		require.Equal(t, http.StatusUnauthorized, send(t, r).StatusCode)
	})

	t.Run("its secret is shown once and kept nowhere", func(t *testing.T) {
		t.Parallel()
		create := func() answer {
			r := ada.request(t, http.MethodPost, "/api/api-keys", map[string]string{"name": "deploy"})
			r.Header.Set("Idempotency-Key", "key")
			return send(t, r)
		}
		first, second := create(), create()
		require.Equal(t, http.StatusCreated, first.StatusCode, first.body)
		require.Contains(t, first.body, `"secret":"ck_`)
		require.Equal(t, http.StatusCreated, second.StatusCode)
		require.NotContains(t, second.body, "secret")
		require.Equal(t, "true", second.Header.Get("Idempotency-Replayed"))
		require.Equal(t, 1, answering.times("api-key.create"))
		var key struct{ Secret string }
		require.NoError(t, json.Unmarshal([]byte(first.body), &key))
		require.NotContains(t, g.logs.String(), key.Secret)
		bucket, err := g.bus.Bucket(t.Context(), event.BucketIdempotency)
		require.NoError(t, err)
		entry, err := bucket.Get(t.Context(), event.IdempotencyKey(ada.workspace, "key"))
		require.NoError(t, err)
		require.NotContains(t, string(entry.Value), key.Secret)
	})
}

func TestRefusedQuestion(t *testing.T) {
	t.Parallel()
	g := setup(t)
	answering, _ := g.answerQuestions(t)
	for _, c := range []struct {
		refusal bus.AskError
		status  int
		code    string
		field   string
	}{
		{bus.AskError{Code: bus.CodeConflict, Message: "This address is taken.", Field: "email"}, 409, "conflict", "email"},
		{bus.AskError{Code: bus.CodeInvalid, Message: "The password is too common.", Field: "password"}, 422, "invalid_request", "password"},
		{bus.AskError{Code: bus.CodeUnavailable, Message: "No database."}, 503, "store_unavailable", ""},
		{bus.AskError{Code: bus.CodeInternal, Message: "secret cause"}, 500, "internal", ""},
		{bus.AskError{Code: "new", Message: "secret cause"}, 500, "internal", ""},
	} { // one after the other: the store has one refusal at a time
		answering.mu.Lock()
		answering.refuse = &c.refusal
		answering.mu.Unlock()
		response, _ := signUp(t, g)
		require.Equal(t, c.status, response.StatusCode, c.refusal.Code)
		p := response.problem(t)
		require.Equal(t, c.code, p.Code)
		require.NotContains(t, response.body, "secret cause")
		if c.field != "" {
			require.Equal(t, c.field, p.Errors[0].Field)
			require.Equal(t, c.refusal.Message, p.Errors[0].Message)
		}
	}
}

func TestRefusedList(t *testing.T) {
	t.Parallel()
	g := setup(t)
	answering, _ := g.answerQuestions(t)
	ada := g.join(t)
	answering.mu.Lock()
	answering.refuse = &bus.AskError{Code: bus.CodeInvalid, Message: "Must be a nextCursor.", Field: "cursor"}
	answering.mu.Unlock()
	for _, path := range []string{"/api/conversations", "/api/conversations/" + uuid.NewString() + "/messages"} {
		response := send(t, ada.request(t, http.MethodGet, path+"?cursor=garbage", nil))
		require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
		require.Equal(t, "query.cursor", response.problem(t).Errors[0].Location)
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()

	t.Run("of a principal is told in each answer and is its own", func(t *testing.T) {
		t.Parallel()
		g := setup(t)
		limited, _ := g.start(t, func(cfg *gateway.Config) { cfg.RequestsPerSecond, cfg.RequestBurst = 0.001, 3 })
		ada, ben := g.join(t), g.join(t)
		ada.g, ben.g = &gatewayTest{url: limited}, &gatewayTest{url: limited}
		for remaining := 2; remaining >= 0; remaining-- {
			response := send(t, ada.request(t, http.MethodGet, "/api/settings/communications", nil))
			require.Equal(t, http.StatusOK, response.StatusCode)
			require.Equal(t, "3", response.Header.Get("RateLimit-Limit"))
			require.Equal(t, string(rune('0'+remaining)), response.Header.Get("RateLimit-Remaining"))
			require.NotEmpty(t, response.Header.Get("RateLimit-Reset"))
		}
		response := send(t, ada.request(t, http.MethodGet, "/api/settings/communications", nil))
		require.Equal(t, http.StatusTooManyRequests, response.StatusCode)
		require.Equal(t, "rate_limited", response.problem(t).Code)
		require.NotEmpty(t, response.Header.Get("Retry-After"))
		status, _ := ben.call(t, http.MethodGet, "/api/settings/communications", nil)
		require.Equal(t, http.StatusOK, status)
	})

	t.Run("of guessing one password is stricter than of one address, which a proxy names", func(t *testing.T) {
		t.Parallel()
		g := setup(t, func(cfg *gateway.Config) {
			cfg.SignInsPerMinute, cfg.MailboxSignInsPerMinute, cfg.TrustedProxies = 5, 2, []string{"127.0.0.0/8"}
		})
		g.answerQuestions(t)
		guess := func(email, from string) int {
			r := newRequest(t, http.MethodPost, g.url+"/api/auth/login", map[string]string{"email": email, "password": "guess"})
			r.Header.Set("X-Forwarded-For", from)
			return send(t, r).StatusCode
		}
		require.Equal(t, http.StatusUnauthorized, guess("ada@example.com", "203.0.113.1"))
		require.Equal(t, http.StatusUnauthorized, guess("ADA@example.com", "203.0.113.1"))
		require.Equal(t, http.StatusTooManyRequests, guess("ada@example.com", "203.0.113.1"))
		require.Equal(t, http.StatusUnauthorized, guess("ben@example.com", "6.6.6.6, 203.0.113.1"))
		require.Equal(t, http.StatusUnauthorized, guess("ben@example.com", "7.7.7.7, 203.0.113.1"))
		require.Equal(t, http.StatusTooManyRequests, guess("cem@example.com", strings.Repeat("8.8.8.8, ", 3)+"203.0.113.1"))
		require.Equal(t, http.StatusUnauthorized, guess("ada@example.com", "203.0.113.2"))
		require.Equal(t, http.StatusUnauthorized, guess("ada@example.com", "2001:db8::1"))
		require.Equal(t, http.StatusUnauthorized, guess("ada@example.com", "2001:db8::2"))
		require.Equal(t, http.StatusTooManyRequests, guess("ada@example.com", "2001:db8::3"), "one caller has all of a network")
		require.Equal(t, http.StatusUnauthorized, guess("ada@example.com", "2001:db8:0:1::1"))
	})
}
