// SPDX-License-Identifier: GPL-2.0-or-later

package domain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"

	"govdsm/api"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/outofprocess"
)

const (
	blockSizeAuto = 0 // in requests: whatever the storage has
	blockSizeNone = 1 // of storage: it takes any
	blockSize512  = 512
	blockSize4K   = 4096
)

// requestable checks a block size that a manager asks for.
func requestable(kind domainmd.Type, version domainmd.Version, size int) error {
	sizes := []int{blockSize512}
	if kind == domainmd.LocalFS || kind == domainmd.GlusterFS {
		sizes = append(sizes, blockSizeAuto, blockSize4K)
	}
	if !slices.Contains(sizes, size) || version < domainmd.Version5 && size != blockSize512 {
		return api.ErrInvalidParameterException.OfText(fmt.Sprintf("block_size=%d", size))
	}
	return nil
}

// probe returns the block size of a mount point's file system, 512, 4096, or 1
// for any. A file system that cannot be written now tells nothing: any.
func probe(ctx context.Context, mount *outofprocess.Dir) (int, error) {
	size, err := mount.ProbeBlockSize(ctx, ".")
	switch {
	case errors.Is(err, syscall.EINVAL):
		return 0, api.ErrStorageDomainTargetUnsupported.Of().Caused(err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return blockSizeNone, nil
	case err != nil:
		return 0, fmt.Errorf("block size of %s: %w", mount.Root(), err)
	}
	return size, nil
}

// fitBlockSize returns the block size of a domain for which asked was asked on
// storage that has found.
func fitBlockSize(asked, found int) (int, error) {
	switch {
	case found == blockSizeNone && asked == blockSizeAuto:
		return blockSize512, nil
	case found == blockSizeNone, asked == found:
		return asked, nil
	case asked == blockSizeAuto:
		return found, nil
	}
	return 0, api.ErrStorageDomainBlockSizeMismatch.OfText(fmt.Sprintf("block_size=%d, storage_block_size=%d", asked, found))
}
