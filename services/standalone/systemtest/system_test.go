package systemtest_test

import (
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/galaxyco-ai/conversations/pkg/blobstore"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/pkg/fault"
	"github.com/galaxyco-ai/conversations/pkg/pgserver"
	"github.com/galaxyco-ai/conversations/pkg/seal"
	"github.com/galaxyco-ai/conversations/pkg/service/servicetest"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

// system is the whole, each service a process of its own.
type system struct {
	t                         *testing.T
	dir                       string
	gateway, sandbox, webhook string // base URLs
	postgres                  *pgserver.Server
	env                       map[string]string
	ready                     map[string]string
	services                  map[string]*process
}

// startSystem starts Postgres, NATS, the sandbox and the four services, and returns when all are ready. extra joins the
// environment of the services.
func startSystem(t *testing.T, extra map[string]string) *system {
	t.Helper()
	s := &system{t: t, dir: t.TempDir(), services: map[string]*process{}, ready: map[string]string{}}
	var err error
	s.postgres, err = pgserver.Start(t.Context(), pgserver.Config{Directory: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.postgres.Kill() })

	nats, monitor := servicetest.FreeAddress(t), servicetest.FreeAddress(t)
	spawn(t, s.dir, "nats-server", "http://"+monitor+"/healthz", nil, "-a", "127.0.0.1",
		"-p", strconv.Itoa(portOf(t, nats)), "-m", strconv.Itoa(portOf(t, monitor)), "-c", natsConfig(t)).waitReady(t)

	s.configure(nats)
	maps.Copy(s.env, extra)
	s.start("sandbox", "")
	s.start(event.ServiceStore, "")
	s.start(event.ServiceGateway, "")
	s.start(event.ServiceSender, "")
	s.start(event.ServiceWebhook, "")
	for _, service := range s.services {
		service.waitReady(t)
	}
	return s
}

// configure chooses the addresses and writes the one environment every service gets.
func (s *system) configure(nats string) {
	addresses := map[string]string{}
	for _, name := range []string{"sandbox", event.ServiceStore, event.ServiceGateway, event.ServiceSender, event.ServiceWebhook} {
		addresses[name] = servicetest.FreeAddress(s.t)
		s.ready[name] = "http://" + addresses[name] + "/readyz"
	}
	s.gateway = "http://" + addresses[event.ServiceGateway]
	s.sandbox = "http://" + addresses["sandbox"]
	s.webhook = "http://" + addresses[event.ServiceWebhook]
	keys := s.t.TempDir()
	private, open := filepath.Join(keys, "sealing.json"), filepath.Join(keys, "public.json")
	public, err := seal.MakeFile(private)
	require.NoError(s.t, err)
	require.NoError(s.t, os.WriteFile(open, public, 0o600))
	s.env = map[string]string{
		"CONVERSATIONS_SEALING_KEYS_FILE":        private,
		"CONVERSATIONS_SEALING_PUBLIC_KEYS_FILE": open,
		"NATS_URL":                               "nats://" + nats,
		"DATABASE_URL":                           s.postgres.URL("postgres"),
		"CONVERSATIONS_SANDBOX":                  "true",
		"CONVERSATIONS_SANDBOX_ADDRESS":          addresses["sandbox"],
		"CONVERSATIONS_STORE_ADDRESS":            addresses[event.ServiceStore],
		"CONVERSATIONS_GATEWAY_ADDRESS":          addresses[event.ServiceGateway],
		"CONVERSATIONS_GATEWAY_PUBLIC_URL":       s.gateway,
		"CONVERSATIONS_SENDER_ADDRESS":           addresses[event.ServiceSender],
		"CONVERSATIONS_WEBHOOK_ADDRESS":          addresses[event.ServiceWebhook],
		"CONVERSATIONS_WEBHOOK_PUBLIC_URL":       s.webhook,
		"CONVERSATIONS_BLOB_URL":                 blobURL(s.t, s.webhook),
		// The sandbox keeps the files that customers send, and it is on this machine.
		"CONVERSATIONS_ALLOWED_PRIVATE_HOSTS": addresses["sandbox"],
	}
	maps.Copy(s.env, sandbox.Environment(s.sandbox))
}

// blobURL is a folder that gives out links; inbound-webhook answers them.
func blobURL(t *testing.T, webhook string) string {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "media.key")
	address := "file://" + t.TempDir() + "?" + url.Values{
		"no_tmp_dir": {"true"}, "base_url": {webhook + "/api/media"}, "secret_key_path": {secret},
	}.Encode()
	require.NoError(t, blobstore.MakeSecret(address))
	return address
}

// start starts a service; point is the instant at which it is to die, empty for never.
func (s *system) start(name, point string) *process {
	env := maps.Clone(s.env)
	if point != "" {
		env[fault.Variable] = point
	}
	s.services[name] = spawn(s.t, s.dir, name, s.ready[name], env)
	return s.services[name]
}
