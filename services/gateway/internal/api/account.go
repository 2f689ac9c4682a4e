package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// SessionCookie is the name of the session cookie.
const SessionCookie = "conversations_session"

// SignUp asks for a user, a workspace and a session.
type SignUp struct {
	Name          string `json:"name" minLength:"1" maxLength:"200"`
	Email         string `json:"email" minLength:"3" maxLength:"254"`
	Password      string `json:"password" minLength:"8" maxLength:"200"`
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
	huma.Register(a.huma, with(public("sign-up", http.MethodPost, "/api/auth/signup", tagAccount, "Sign up"),
		http.StatusCreated, "Makes a user and a workspace, and signs the user in."), a.signUp)
	huma.Register(a.huma, with(public("log-in", http.MethodPost, "/api/auth/login", tagAccount, "Log in"),
		http.StatusOK, "Signs in to the user's first workspace."), a.logIn)
	huma.Register(a.huma, with(protected("log-out", http.MethodPost, "/api/auth/logout", tagAccount, "Log out"),
		http.StatusNoContent, "Ends the session; its realtime connections are closed. An API key is not a session."), a.logOut)
	huma.Register(a.huma, protected("get-me", http.MethodGet, "/api/me", tagAccount, "Who is calling"), a.getMe)
}

func (a *API) signUp(context.Context, *signUpInput) (*sessionOutput, error) {
	return nil, errors.ErrUnsupported
}

func (a *API) logIn(context.Context, *logInInput) (*sessionOutput, error) {
	return nil, errors.ErrUnsupported
}

func (a *API) logOut(context.Context, *struct{}) (*logOutOutput, error) {
	return nil, errors.ErrUnsupported
}

func (a *API) getMe(context.Context, *struct{}) (*meOutput, error) { return nil, errors.ErrUnsupported }
