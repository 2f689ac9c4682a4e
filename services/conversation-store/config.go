// Package store is the service conversation-store: it owns the database, turns the streams into rows, announces what
// changed, and answers what the others ask. It is the only one that speaks SQL.
package store

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"

	"github.com/galaxyco-ai/conversations/pkg/channel/all"
	"github.com/galaxyco-ai/conversations/pkg/service"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/invoice"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/payment"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/plans"
	"github.com/galaxyco-ai/conversations/services/conversation-store/internal/postgres"
)

// Config is the configuration of the service.
type Config struct {
	service.Base

	// DatabaseURL is the database. Its user is a superuser, or may create roles and a schema in the database: the service
	// makes the four roles it works as, and never works as anyone else.
	DatabaseURL string `env:"DATABASE_URL,required" secret:"true"`
	// Address is where the operations endpoints listen.
	Address string `env:"CONVERSATIONS_STORE_ADDRESS" envDefault:":8083"`
	// Sandbox gives each new workspace addresses of its own at every provider of the platform.
	Sandbox bool `env:"CONVERSATIONS_SANDBOX" envDefault:"false"`
	// PlatformProviders names the provider of the platform's default account where several serve a channel, for example
	// email=acme,sms=globex. Where it names none the first by name is the default.
	PlatformProviders string `env:"CONVERSATIONS_PLATFORM_PROVIDERS"`
	// DefaultPlan is the plan of a new workspace; empty is plans.Default.
	DefaultPlan string `env:"CONVERSATIONS_DEFAULT_PLAN" envDefault:"unlimited"`
	// StripeKey is the secret key of the account that collects what is charged; without it invoices are written and nobody is
	// asked for the money. StripeURL is where Stripe is, when it is somewhere else.
	StripeKey string `env:"STRIPE_SECRET_KEY" secret:"true"`
	StripeURL string `env:"STRIPE_BASE_URL"`
	// ReadConnections answer questions.
	ReadConnections int32 `env:"CONVERSATIONS_STORE_READ_CONNECTIONS" envDefault:"8"`
	// WriteConnections turn streams into rows; more than one for each of the eight lanes are never used.
	WriteConnections int32 `env:"CONVERSATIONS_STORE_WRITE_CONNECTIONS" envDefault:"8"`
}

// Validate reports everything that cannot work.
func (c Config) Validate() error {
	var problems []error
	database, err := url.Parse(c.DatabaseURL)
	if err != nil || (database.Scheme != "postgres" && database.Scheme != "postgresql") {
		problems = append(problems, errors.New("DATABASE_URL: must be a postgres:// URL"))
	}
	if registry, err := all.Registry(); err != nil {
		problems = append(problems, err)
	} else if _, err := platformProviders(c.PlatformProviders, registry); err != nil {
		problems = append(problems, fmt.Errorf("CONVERSATIONS_PLATFORM_PROVIDERS: %w", err))
	}
	for name, connections := range map[string]int32{
		"CONVERSATIONS_STORE_READ_CONNECTIONS":  c.ReadConnections,
		"CONVERSATIONS_STORE_WRITE_CONNECTIONS": c.WriteConnections,
	} {
		if connections < 1 || connections > 1000 {
			problems = append(problems, fmt.Errorf("%s: must be from 1 to 1000", name))
		}
	}
	return errors.Join(problems...)
}

// stripe is who collects; nil where nobody does.
func (c Config) stripe() *payment.Stripe {
	if c.StripeKey == "" {
		return nil
	}
	return payment.NewStripe(c.StripeKey, c.StripeURL)
}

// issuer writes the invoices.
func (c Config) issuer(db *postgres.DB) *invoice.Issuer {
	issuer := invoice.New(db, c.Logger, nil)
	if c.StripeKey != "" {
		return issuer.Collected()
	}
	return issuer
}

func (c Config) defaultPlan() string { return cmp.Or(c.DefaultPlan, plans.Default) }
