// Package api is the HTTP API: the operations, their shapes, and their translation into questions, publishes and
// problems. The OpenAPI document is generated from the registrations in this package and committed in
// services/gateway/api/openapi.json.
package api
