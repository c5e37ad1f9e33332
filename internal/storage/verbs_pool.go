// SPDX-License-Identifier: GPL-2.0-or-later

package storage

import (
	"context"
	"strconv"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/pool"
)

// bindPool binds the verbs of the pool as a whole.
func (s *Storage) bindPool(t *dispatch.Table) {
	dispatch.Bind(t, api.HostGetConnectedStoragePools, s.connectedPools)
	dispatch.Bind(t, api.StoragePoolCreate, s.createPool)
	dispatch.Bind(t, api.StoragePoolConnect, s.connectPool)
	dispatch.Bind(t, api.StoragePoolDisconnect, s.disconnectPool)
	dispatch.Bind(t, api.StoragePoolDestroy, s.destroyPool)
	dispatch.Bind(t, api.StoragePoolReconstructMaster, s.reconstructMaster)
	dispatch.Bind(t, api.StoragePoolSwitchMaster, s.switchMaster)
	dispatch.Bind(t, api.StoragePoolGetInfo, s.poolInfo)
	dispatch.Bind(t, api.StoragePoolGetSPMStatus, s.spmStatus)
	dispatch.Bind(t, api.StoragePoolSPMStart, s.spmStart)
	dispatch.Bind(t, api.StoragePoolSPMStop, s.spmStop)
	dispatch.Bind(t, api.StoragePoolUpgrade, s.upgradePool)
	dispatch.Bind(t, api.StoragePoolSetDescription, s.describePool)
	dispatch.Bind(t, api.StoragePoolGetDomainsContainingImage, s.domainsWith)
}

// orElse gives an error that has no code the verb's own.
func orElse(err error, verbs *api.Code) error {
	if err == nil || hasCode(err) {
		return err
	}
	return verbs.Of(err.Error()).Caused(err)
}

func (s *Storage) connectedPools(context.Context, *api.NoParams) ([]api.UUID, error) {
	if c := s.pools.Connected(); c != nil {
		return []api.UUID{api.UUID(c.ID())}, nil
	}
	return []api.UUID{}, nil
}

func (s *Storage) createPool(ctx context.Context, p *api.StoragePoolCreateParams) (api.Nothing, error) {
	ids := make([]string, len(p.DomainList))
	for i, id := range p.DomainList {
		ids[i] = string(id)
	}
	err := s.pools.Create(context.WithoutCancel(ctx), string(p.StoragePoolID), p.Name, string(p.MasterSDUUID), p.MasterVersion, ids,
		pool.LeaseNumbers{Renewal: p.LockRenewalIntervalSec, LeaseTime: p.LeaseTimeSec, IOTimeout: p.IOOpTimeoutSec, Retries: p.LeaseRetries})
	return api.Nothing{}, orElse(err, api.ErrStoragePoolCreation)
}

// members converts what a manager gives; nil when it gives none.
func members(given api.StorageDomainStatusMap) pool.Members {
	if given == nil {
		return nil
	}
	m := make(pool.Members, len(given))
	for id, status := range given {
		m[string(id)] = string(status)
	}
	return m
}

func (s *Storage) connectPool(ctx context.Context, p *api.StoragePoolConnectParams) (api.Nothing, error) {
	err := s.pools.Connect(ctx, string(p.StoragePoolID), p.HostID, string(p.MasterSDUUID), p.MasterVersion, members(p.DomainDict))
	return api.Nothing{}, orElse(err, api.ErrStoragePoolConnection)
}

func (s *Storage) disconnectPool(ctx context.Context, p *api.StoragePoolDisconnectParams) (api.Nothing, error) {
	return api.Nothing{}, orElse(s.pools.Disconnect(ctx, string(p.StoragePoolID)), api.ErrStoragePoolDisconnection)
}

func (s *Storage) destroyPool(ctx context.Context, p *api.StoragePoolDestroyParams) (api.Nothing, error) {
	return api.Nothing{}, orElse(s.pools.Destroy(ctx, string(p.StoragePoolID), p.HostID), api.ErrStoragePoolDestroying)
}

func (s *Storage) reconstructMaster(ctx context.Context, p *api.StoragePoolReconstructMasterParams) (api.Nothing, error) {
	err := s.pools.ReconstructMaster(context.WithoutCancel(ctx), string(p.StoragePoolID), p.HostID, p.Name, string(p.MasterSDUUID), p.MasterVersion,
		members(p.DomainDict), pool.LeaseNumbers{Renewal: p.LockRenewalIntervalSec, LeaseTime: p.LeaseTimeSec, IOTimeout: p.IOOpTimeoutSec, Retries: p.LeaseRetries})
	return api.Nothing{}, orElse(err, api.ErrReconstructMaster)
}

func (s *Storage) switchMaster(ctx context.Context, p *api.StoragePoolSwitchMasterParams) (api.UUID, error) {
	id, err := s.pools.SwitchMaster(ctx, string(p.StoragePoolID), string(p.OldMasterUUID), string(p.NewMasterUUID), p.MasterVersion)
	return api.UUID(id), err
}

func (s *Storage) poolInfo(ctx context.Context, p *api.StoragePoolGetInfoParams) (api.StoragePoolFullInfo, error) {
	c, err := s.pools.Pool(string(p.StoragePoolID))
	if err != nil {
		return api.StoragePoolFullInfo{}, err
	}
	info, err := c.Info(ctx)
	return info, orElse(err, api.ErrStoragePoolAction)
}

func (s *Storage) spmStatus(ctx context.Context, p *api.StoragePoolGetSPMStatusParams) (api.SpmStatus, error) {
	c, err := s.pools.Pool(string(p.StoragePoolID))
	if err != nil {
		return api.SpmStatus{}, err
	}
	return c.Status(ctx)
}

func (s *Storage) spmStart(ctx context.Context, p *api.StoragePoolSPMStartParams) (api.UUID, error) {
	start := pool.Start{PrevID: p.PrevID, PrevLver: p.PrevLver}
	if p.DomVersion != nil {
		version, err := domainmd.ParseVersion(*p.DomVersion)
		if err != nil {
			return "", err
		}
		start.Version = &version
	}
	id, err := s.pools.StartSPM(ctx, string(p.StoragePoolID), start)
	return api.UUID(id), orElse(err, api.ErrSpmStart)
}

func (s *Storage) spmStop(ctx context.Context, p *api.StoragePoolSPMStopParams) (api.Nothing, error) {
	return api.Nothing{}, orElse(s.pools.StopSPM(ctx, string(p.StoragePoolID)), api.ErrSpmStop)
}

func (s *Storage) upgradePool(ctx context.Context, p *api.StoragePoolUpgradeParams) (api.StoragePoolUpgradeStatus, error) {
	version, err := domainmd.ParseVersion(strconv.FormatInt(p.TargetDomVersion, 10))
	if err != nil {
		return "", err
	}
	return api.StoragePoolUpgradeStatusStarted, s.pools.Upgrade(ctx, string(p.StoragePoolID), version)
}

// describePool does nothing, as in the original: managers keep the name.
func (s *Storage) describePool(context.Context, *api.StoragePoolSetDescriptionParams) (api.Nothing, error) {
	return api.Nothing{}, nil
}

func (s *Storage) domainsWith(ctx context.Context, p *api.StoragePoolGetDomainsContainingImageParams) ([]api.UUID, error) {
	found, err := s.pools.DomainsWith(ctx, string(p.StoragePoolID), string(p.ImageID))
	return uuids(found), err
}

// uuids converts ids; none is an empty list.
func uuids(ids []string) []api.UUID {
	list := make([]api.UUID, len(ids))
	for i, id := range ids {
		list[i] = api.UUID(id)
	}
	return list
}
