package cluster

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"

	"github.com/galaxyco-ai/conversations/pkg/blobstore"
	"github.com/galaxyco-ai/conversations/pkg/event"
	"github.com/galaxyco-ai/conversations/services/sandbox"
)

// addressVariable names the variable that says where a service listens.
func addressVariable(service string) string {
	return map[string]string{
		event.ServiceStore:   "CONVERSATIONS_STORE_ADDRESS",
		event.ServiceGateway: "CONVERSATIONS_GATEWAY_ADDRESS",
		event.ServiceSender:  "CONVERSATIONS_SENDER_ADDRESS",
		event.ServiceWebhook: "CONVERSATIONS_WEBHOOK_ADDRESS",
		nameSandbox:          "CONVERSATIONS_SANDBOX_ADDRESS",
	}[service]
}

// plan chooses the addresses, puts balancers and relays where they belong and makes the processes.
func (c *Cluster) plan(ctx context.Context) error {
	copies, count := map[string]int{}, 1
	for _, name := range services() {
		copies[name] = max(1, c.cfg.Copies[name])
		count += copies[name]
	}
	addresses, err := freeAddresses(ctx, count)
	if err != nil {
		return err
	}
	sandboxAddress, listening := take(&addresses), map[string][]string{}
	for _, name := range services() {
		for range copies[name] {
			listening[name] = append(listening[name], take(&addresses))
		}
	}
	if c.gateway, err = c.front(ctx, listening[event.ServiceGateway]); err != nil {
		return err
	}
	if c.webhook, err = c.front(ctx, listening[event.ServiceWebhook]); err != nil {
		return err
	}
	if err := c.configure(ctx, sandboxAddress); err != nil {
		return err
	}
	c.sandbox = c.process(nameSandbox, 1, sandboxAddress)
	for _, name := range services() {
		for i, address := range listening[name] {
			c.processes = append(c.processes, c.process(name, i+1, address))
		}
	}
	return nil
}

// front is the base URL for callers: of the only copy, or of a balancer before several.
func (c *Cluster) front(ctx context.Context, copies []string) (string, error) {
	if len(copies) == 1 {
		return "http://" + copies[0], nil
	}
	b, err := newBalancer(ctx, copies, c.cfg.Logger)
	if err != nil {
		return "", err
	}
	c.balancers = append(c.balancers, b)
	return b.url, nil
}

// configure makes the one environment every program gets.
func (c *Cluster) configure(ctx context.Context, sandboxAddress string) error {
	natsURL, databaseURL, err := c.backing(ctx)
	if err != nil {
		return err
	}
	blobs := "file://" + filepath.ToSlash(c.BlobFolder()) + "?" + url.Values{
		"no_tmp_dir": {"true"}, "base_url": {c.webhook + "/api/media"},
		"secret_key_path": {filepath.Join(c.cfg.Directory, "media.key")},
	}.Encode()
	if err := blobstore.MakeSecret(blobs); err != nil {
		return fmt.Errorf("making the secret of the blob store: %w", err)
	}
	c.environ = map[string]string{
		"PATH":                             os.Getenv("PATH"),
		"HOME":                             filepath.Join(c.cfg.Directory, "home"),
		"NATS_URL":                         natsURL,
		"DATABASE_URL":                     databaseURL,
		"CONVERSATIONS_SANDBOX":            "true",
		"CONVERSATIONS_GATEWAY_PUBLIC_URL": c.gateway,
		"CONVERSATIONS_WEBHOOK_PUBLIC_URL": c.webhook,
		"CONVERSATIONS_BLOB_URL":           blobs,
		// The sandbox keeps the files that customers send, and it is on this machine.
		"CONVERSATIONS_ALLOWED_PRIVATE_HOSTS": sandboxAddress,
		"CONVERSATIONS_FAULT_DIRECTORY":       c.faultFolder(),
	}
	maps.Copy(c.environ, sandbox.Environment("http://"+sandboxAddress))
	maps.Copy(c.environ, c.cfg.Env)
	return nil
}

// backing is how the services reach NATS and the database.
func (c *Cluster) backing(ctx context.Context) (natsURL, databaseURL string, err error) {
	if !c.cfg.Proxied {
		return c.natsURL, c.DatabaseURL(), nil
	}
	direct, err := url.Parse(c.natsURL)
	if err != nil {
		return "", "", fmt.Errorf("reading the address of NATS: %w", err)
	}
	if c.natsRelay, err = newRelay(ctx, direct.Host); err != nil {
		return "", "", err
	}
	direct, err = url.Parse(c.DatabaseURL())
	if err != nil {
		return "", "", fmt.Errorf("reading the address of the database: %w", err)
	}
	if c.postgresRelay, err = newRelay(ctx, direct.Host); err != nil {
		return "", "", err
	}
	direct.Host = c.postgresRelay.address()
	return "nats://" + c.natsRelay.address(), direct.String(), nil
}

// process makes a copy of a program that listens on an address; it is not started.
func (c *Cluster) process(name string, number int, address string) *Process {
	p := &Process{
		Name: name, Copy: number, program: filepath.Join(c.cfg.Binaries, name),
		directory: c.cfg.Directory, base: "http://" + address, readyPath: "/readyz",
	}
	p.logPath = filepath.Join(c.cfg.Directory, "logs", p.String()+".log")
	for key, value := range c.environ {
		p.environ = append(p.environ, key+"="+value)
	}
	p.environ = append(p.environ, addressVariable(name)+"="+address)
	return p
}
