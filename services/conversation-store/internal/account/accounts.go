package account

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/galaxyco-ai/conversations/pkg/channel"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/plans"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// Relay publishes what has been committed to the outbox.
type Relay interface {
	// Flush returns when everything committed before the call is published.
	Flush(ctx context.Context) error
}

// Config says what a new workspace gets. The zero value gives it no channels.
type Config struct {
	// Platform lists the platform's own accounts at the providers; the first that serves a channel is its default.
	Platform []channel.PlatformAccount
	// Preferred names the provider whose account is the default of a channel.
	Preferred map[channel.Kind]string
	// Experimental lists the channels that a provider serves only where the platform's address on them is set.
	Experimental map[string][]channel.Kind
	// Sandbox gives every workspace addresses of its own on every platform account. Otherwise the address of a
	// platform account belongs to the first workspace that takes it.
	Sandbox bool
	// Plan is that of a new workspace; empty is plans.Default.
	Plan string
	// Cost of a password hash.
	Cost Cost
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Accounts answers the questions about users, workspaces, sessions and API keys. It is safe for concurrent use.
type Accounts struct {
	db       *postgres.DB
	relay    Relay
	logger   *slog.Logger
	platform []channel.PlatformAccount
	sandbox  bool

	plan         string
	preferred    map[channel.Kind]string
	experimental map[string][]channel.Kind

	passwords *passwords
	now       func() time.Time
}

// New makes Accounts.
func New(db *postgres.DB, relay Relay, logger *slog.Logger, cfg Config) (*Accounts, error) {
	passwords, err := newPasswords(cfg.Cost)
	if err != nil {
		return nil, err
	}
	now := cfg.Now
	if now == nil {
		now = time.Now
	}
	return &Accounts{
		db: db, relay: relay, logger: logger,
		platform: cfg.Platform, sandbox: cfg.Sandbox, passwords: passwords, now: now,
		plan: cmp.Or(cfg.Plan, plans.Default), preferred: cfg.Preferred, experimental: cfg.Experimental,
	}, nil
}

// clock is the time as the database keeps it.
func (a *Accounts) clock() time.Time { return a.now().UTC().Truncate(time.Microsecond) }

// flush lets the caller read its own write. What is committed is published sooner or later whatever happens here, so
// that an answer never turns into a refusal after the fact.
func (a *Accounts) flush(ctx context.Context) {
	if err := a.relay.Flush(ctx); err != nil {
		a.logger.WarnContext(ctx, "publishing after a commit is delayed", slog.Any("err", err))
	}
}
