package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/pkg/workspace"
	storev1 "github.com/galaxyco-ai/conversations/proto/gen/conversations/store/v1"
	"github.com/galaxyco-ai/conversations/services/gateway/internal/access"
)

// SessionCookie is the name of the session cookie.
const SessionCookie = "conversations_session"

// SignUp asks for a user, a workspace and a session.
type SignUp struct {
	Name          string `json:"name" minLength:"1" maxLength:"100"`
	Email         string `json:"email" minLength:"3" maxLength:"254"`
	Password      string `json:"password" minLength:"10" maxLength:"200"`
	WorkspaceName string `json:"workspaceName" minLength:"1" maxLength:"100"`
}

// LogIn asks for a session.
type LogIn struct {
	Email    string `json:"email" minLength:"1" maxLength:"254"`
	Password string `json:"password" minLength:"1" maxLength:"200"`
}

type signUpInput struct{ Body SignUp }

type logInInput struct{ Body LogIn }

type sessionOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Me
}

type logOutOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

type meOutput struct{ Body Me }

func (a *API) registerAccount() {
	register(a, with(public("sign-up", http.MethodPost, "/api/auth/signup", tagAccount, "Sign up"),
		http.StatusCreated, "Makes a user and a workspace, and signs the user in."), a.signUp)
	register(a, with(public("log-in", http.MethodPost, "/api/auth/login", tagAccount, "Log in"),
		http.StatusOK, "Signs in to the user's first workspace."), a.logIn)
	register(a, with(protected("log-out", http.MethodPost, "/api/auth/logout", tagAccount, "Log out"),
		http.StatusNoContent, "Ends the session; its realtime connections are closed. An API key is not a session."), a.logOut)
	register(a, protected("get-me", http.MethodGet, "/api/me", tagAccount, "Who is calling"), a.getMe)
}

func (a *API) signUp(ctx context.Context, input *signUpInput) (*sessionOutput, error) {
	request, err := signUpRequest(input.Body)
	if err != nil {
		return nil, err
	}
	if err := a.limitMailbox(ctx, request.GetEmail()); err != nil {
		return nil, err
	}
	response := &storev1.SessionResponse{}
	if err := a.ask(ctx, workspace.ID{}, "account", "create", request, response); err != nil {
		return nil, err
	}
	session, err := a.session(response)
	if err != nil {
		return nil, err
	}
	a.deps.Routes.Await(ctx, session.workspace)
	return session.output, nil
}

func signUpRequest(body SignUp) (*storev1.SignUpRequest, error) {
	email, err := channel.NormalizeAddress(channel.Email, body.Email)
	if err != nil {
		return nil, invalid("email", "is not an e-mail address such as name@example.com")
	}
	name, workspaceName := strings.TrimSpace(body.Name), strings.TrimSpace(body.WorkspaceName)
	if name == "" {
		return nil, invalid("name", "is empty")
	}
	if workspaceName == "" {
		return nil, invalid("workspaceName", "is empty")
	}
	return &storev1.SignUpRequest{Name: name, Email: email, Password: body.Password, WorkspaceName: workspaceName}, nil
}

func (a *API) logIn(ctx context.Context, input *logInInput) (*sessionOutput, error) {
	email, err := channel.NormalizeAddress(channel.Email, input.Body.Email)
	if err != nil {
		return nil, invalid("email", "is not an e-mail address such as name@example.com")
	}
	if err := a.limitMailbox(ctx, email); err != nil {
		return nil, err
	}
	response := &storev1.SessionResponse{}
	request := &storev1.LogInRequest{Email: email, Password: input.Body.Password}
	if err := a.ask(ctx, workspace.ID{}, "session", "create", request, response); err != nil {
		return nil, err
	}
	session, err := a.session(response)
	if err != nil {
		return nil, err
	}
	return session.output, nil
}

type newSession struct {
	workspace workspace.ID
	output    *sessionOutput
}

func (a *API) session(response *storev1.SessionResponse) (newSession, error) {
	principal := response.GetPrincipal()
	ws, err := workspace.ParseID(principal.GetWorkspaceId())
	if err != nil {
		return newSession{}, fmt.Errorf("reading a new session: %w", err)
	}
	var expires time.Time
	if principal.GetExpiresAt() != nil {
		expires = principal.GetExpiresAt().AsTime()
	}
	me := Me{User: toUser(response.GetUser()), Workspace: toWorkspace(response.GetWorkspace()), Role: principal.GetRole()}
	return newSession{workspace: ws, output: &sessionOutput{SetCookie: a.cookie(response.GetToken(), expires), Body: me}}, nil
}

// cookie carries a session; it lives as long as the browser when expires is zero.
func (a *API) cookie(token string, expires time.Time) http.Cookie {
	return http.Cookie{ //nolint:gosec // Secure where the public URL is https; a browser drops it on plain http
		Name: SessionCookie, Value: token, Path: "/", Expires: expires, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: a.deps.PublicURL.Scheme == "https",
	}
}

// logOut ends the session. Ending it twice is harmless: the second call is not signed in.
func (a *API) logOut(ctx context.Context, _ *struct{}) (*logOutOutput, error) {
	principal := principalOf(ctx)
	if principal.Kind != access.KindSession {
		return nil, forbidden("An API key cannot log out; revoke it instead.")
	}
	request := &storev1.LogOutRequest{SessionId: principal.ID}
	if err := a.ask(ctx, principal.Workspace, "session", "delete", request, &storev1.LogOutResponse{}); err != nil {
		return nil, err
	}
	a.deps.Access.Forget(principal.Key)
	return &logOutOutput{SetCookie: a.cookie("", time.Unix(1, 0))}, nil
}

func (a *API) getMe(ctx context.Context, _ *struct{}) (*meOutput, error) {
	principal := principalOf(ctx)
	response := &storev1.GetMeResponse{}
	if err := a.ask(ctx, principal.Workspace, "me", "get", &storev1.GetMeRequest{UserId: principal.UserID}, response); err != nil {
		return nil, err
	}
	me := Me{User: toUser(response.GetUser()), Workspace: toWorkspace(response.GetWorkspace()), Role: principal.Role}
	return &meOutput{Body: me}, nil
}
