// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"encoding/json"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/storage/server"
)

// Bind binds the verbs of storage.
func (s *Storage) Bind(t *dispatch.Table) {
	dispatch.Bind(t, api.StoragePoolConnectStorageServer, s.connectStorageServer)
	dispatch.Bind(t, api.StoragePoolDisconnectStorageServer, s.disconnectStorageServer)
	s.bindDomains(t)
	s.bindVolumes(t)
	s.bindImages(t)
	s.bindMerge(t)
	s.bindJobs(t)
	s.bindTransfers(t)
	s.bindLeases(t)
	s.bindPool(t)
	s.bindMembership(t)
	s.bindTasks(t)
}

func (s *Storage) connectStorageServer(ctx context.Context, p *api.StoragePoolConnectStorageServerParams) ([]api.ConnectStorageServerStatus, error) {
	kind, err := server.ParseType(string(p.DomainType))
	if err != nil {
		return nil, err
	}
	return s.connections.Connect(ctx, kind, definitions(p.ConnectionParams))
}

func (s *Storage) disconnectStorageServer(ctx context.Context, p *api.StoragePoolDisconnectStorageServerParams) ([]api.ConnectStorageServerStatus, error) {
	kind, err := server.ParseType(string(p.DomainType))
	if err != nil {
		return nil, err
	}
	defer s.domains.ForgetAll() // what is left is found again
	return s.connections.Disconnect(ctx, kind, definitions(p.ConnectionParams))
}

// definitions hands connections on as they came: the schema's types for them
// have never been what managers send.
func definitions(params []api.ConnectionRefParameters) []json.RawMessage {
	raw := make([]json.RawMessage, len(params))
	for i, p := range params {
		raw[i] = p.Raw
	}
	return raw
}
