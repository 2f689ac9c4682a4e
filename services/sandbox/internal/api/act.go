package api

import (
	"errors"
	"net/http"
	"slices"

	"github.com/galaxyco-ai/conversations/services/sandbox/internal/world"
)

// Actor is a carrier whose customers do more with a message than answer it.
type Actor interface {
	// Act does to a message that arrived what its owner, or the world, does to it. It returns a *world.InputError.
	Act(message world.Message, action world.Action) error
}

// act lets the owner of a mailbox open a mail, follow its link, unsubscribe or report it, or has it bounce late.
func (a *API) act(w http.ResponseWriter, r *http.Request) {
	action := world.Action(r.PathValue("action"))
	if !slices.Contains(world.Actions(), action) {
		refuse(w, http.StatusNotFound, "not_found", "", "Nothing of that name can be done to a message.")
		return
	}
	found, ok := a.world.Message(r.PathValue("id"))
	if !ok || found.Written {
		refuse(w, http.StatusNotFound, "not_found", "", "There is no such message, or the customer wrote it.")
		return
	}
	actor, can := a.carrierOf(found.Channel, found.Provider).(Actor)
	if !can {
		invalid(w, "action", "is nothing that this provider tells of")
		return
	}
	err := actor.Act(found, action)
	if wrong, is := errors.AsType[*world.InputError](err); is {
		invalid(w, wrong.Field, wrong.Message)
		return
	}
	if err != nil {
		refuse(w, http.StatusInternalServerError, "internal", "", err.Error())
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
