// SPDX-License-Identifier: GPL-2.0-or-later

package domain_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"govdsm/api"
	"govdsm/internal/storage/domain"
	"govdsm/internal/storage/domainmd"
	"govdsm/internal/storage/outofprocess"
)

func TestMain(m *testing.M) {
	outofprocess.ServeIfHelper()
	os.Exit(m.Run())
}

// fixture is a repository with one local folder.
type fixture struct {
	*domain.Repository
	io     *outofprocess.Pool
	folder string // on the host
	mount  string // in the repository
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	top := t.TempDir()
	f := &fixture{io: outofprocess.New(outofprocess.Options{}), folder: filepath.Join(top, "data"), mount: filepath.Join(top, "dc/mnt/_data")}
	t.Cleanup(func() {
		if err := f.io.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, dir := range []string{f.folder, filepath.Dir(f.mount)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(f.folder, f.mount); err != nil {
		t.Fatal(err)
	}
	f.Repository = domain.NewRepository(domain.Options{Path: filepath.Join(top, "dc"), IO: f.io})
	return f
}

func (f *fixture) spec() domain.Spec {
	return domain.Spec{
		ID: uuid.NewString(), Name: "data", Type: domainmd.LocalFS, Class: domainmd.Data, Version: domainmd.Version5,
		RemotePath: f.folder, MountPoint: f.mount, BlockSize: 0, MaxHosts: 250,
	}
}

func TestCreate(t *testing.T) {
	f := newFixture(t)
	s := f.spec()
	d, err := f.Create(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if d.ID() != s.ID || d.Shared() || d.Known().Version != 5 || d.Known().Alignment != 1<<20 {
		t.Errorf("made %+v", d.Known())
	}
	for name, want := range map[string]struct {
		size int64
		mode os.FileMode
	}{"dom_md/ids": {0, 0o660}, "dom_md/leases": {0, 0o660}, "dom_md/inbox": {16 << 20, 0o660}, "dom_md/outbox": {16 << 20, 0o660}, "dom_md/metadata": {-1, 0o644}} {
		info, err := os.Stat(filepath.Join(f.folder, s.ID, name))
		if err != nil || info.Mode() != want.mode || want.size >= 0 && info.Size() != want.size {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if left := f.names(t, "."); !slices.Equal(left, []string{s.ID}) {
		t.Errorf("in the folder: %q", left)
	}
	if names := f.names(t, s.ID, "dom_md"); slices.Contains(names, "xleases") {
		t.Errorf("a local folder has %q", names)
	}

	again := f.spec()
	if _, err := f.Create(t.Context(), again); !errors.Is(err, api.ErrStorageDomainNotEmpty) {
		t.Errorf("a second domain: %v", err)
	}
	again.ID = s.ID
	if _, err := f.Create(t.Context(), again); !errors.Is(err, api.ErrStorageDomainAlreadyExists) {
		t.Errorf("the same domain: %v", err)
	}
}

func (f *fixture) names(t *testing.T, elem ...string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(append([]string{f.folder}, elem...)...))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestRefusedSpecs(t *testing.T) {
	f := newFixture(t)
	for name, c := range map[string]struct {
		change func(*domain.Spec)
		want   error
	}{
		"id":           {func(s *domain.Spec) { s.ID = "../x" }, api.ErrInvalidParameterException},
		"upper case":   {func(s *domain.Spec) { s.ID = strings.ToUpper(s.ID) }, api.ErrInvalidParameterException},
		"version":      {func(s *domain.Spec) { s.Version = 1 }, api.ErrUnsupportedDomainVersion},
		"path":         {func(s *domain.Spec) { s.RemotePath += "/.." }, api.ErrStorageDomainIllegalRemotePath},
		"NFS path":     {func(s *domain.Spec) { s.Type = domainmd.NFS; s.BlockSize = 512 }, api.ErrStorageDomainIllegalRemotePath},
		"not mounted":  {func(s *domain.Spec) { s.Type, s.RemotePath, s.BlockSize = domainmd.NFS, "h:/x", 512 }, api.ErrStorageDomainFSNotMounted},
		"not there":    {func(s *domain.Spec) { s.MountPoint += "x" }, api.ErrStorageDomainFSNotMounted},
		"block size":   {func(s *domain.Spec) { s.BlockSize = 1024 }, api.ErrInvalidParameterException},
		"4K, format 4": {func(s *domain.Spec) { s.BlockSize, s.Version = 4096, 4 }, api.ErrInvalidParameterException},
		"auto, old":    {func(s *domain.Spec) { s.Version = 4 }, api.ErrInvalidParameterException},
		"old, unicode": {func(s *domain.Spec) { s.Version, s.BlockSize, s.Name = 0, 512, "é" }, api.ErrUnicodeArgument},
		"hosts":        {func(s *domain.Spec) { s.MaxHosts = 2001 }, api.ErrInvalidParameterException},
		"line end":     {func(s *domain.Spec) { s.Name = "a\nVERSION=3" }, api.ErrInvalidParameterException},
	} {
		s := f.spec()
		c.change(&s)
		if _, err := f.Create(t.Context(), s); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left := f.names(t, "."); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestWhatAKilledCreationLeaves(t *testing.T) {
	f := newFixture(t)
	s := f.spec()
	if err := os.MkdirAll(filepath.Join(f.folder, "."+s.ID+".new", "dom_md", "ids"), 0o755); err != nil {
		t.Fatal(err)
	}
	if all, err := f.List(t.Context()); err != nil || len(all) > 0 {
		t.Errorf("half a domain is listed: %v, %v", all, err)
	}
	if _, err := f.Create(t.Context(), s); err != nil {
		t.Error(err)
	}
}

func TestFindListForgetFormat(t *testing.T) {
	f := newFixture(t)
	s := f.spec()
	made, err := f.Create(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := f.Domain(t.Context(), s.ID); err != nil || d != made {
		t.Errorf("%v, %v", d, err)
	}
	f.ForgetAll()
	if all, err := f.List(t.Context()); err != nil || len(all) != 1 || all[0].ID() != s.ID || all[0] == made {
		t.Errorf("listed %v, %v", all, err)
	}
	if _, err := f.Domain(t.Context(), uuid.NewString()); !errors.Is(err, api.ErrStorageDomainDoesNotExist) {
		t.Errorf("no such domain: %v", err)
	}
	if err := f.Format(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	if left := f.names(t, "."); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
	if _, err := f.Domain(t.Context(), s.ID); !errors.Is(err, api.ErrStorageDomainDoesNotExist) {
		t.Errorf("formatted: %v", err)
	}
}

func TestUpdate(t *testing.T) {
	f := newFixture(t)
	d, err := f.Create(t.Context(), f.spec())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SetDescription(t.Context(), "añb, &c"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(d.Path("dom_md/metadata"))
	if err != nil || !strings.Contains(string(text), "\nDESCRIPTION=añb, &c\n") {
		t.Errorf("%v: %s", err, text)
	}
	if d.Known().Description != "añb, &c" {
		t.Errorf("known: %+v", d.Known())
	}
	if err := d.SetDescription(t.Context(), strings.Repeat("é", 51)); !errors.Is(err, api.ErrStorageDomainDescriptionTooLong) {
		t.Errorf("too long: %v", err)
	}
	refusal := errors.New("no")
	if err := d.Update(t.Context(), func(m *domainmd.Metadata) error { m.Set("X", "y"); return refusal }); !errors.Is(err, refusal) {
		t.Errorf("refused: %v", err)
	}
	if again, _ := os.ReadFile(d.Path("dom_md/metadata")); string(again) != string(text) {
		t.Errorf("a refused change wrote %s", again)
	}
}

func TestDamagedDomains(t *testing.T) {
	f := newFixture(t)
	s := f.spec()
	d, err := f.Create(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	metadata := d.Path("dom_md/metadata")
	whole, err := os.ReadFile(metadata)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"changed":   {strings.Replace(string(whole), "data", "else", 1), api.ErrMetaDataSealIsBroken},
		"truncated": {string(whole[:len(whole)/2]), api.ErrInvalidMetadata},
		"empty":     {"", api.ErrInvalidMetadata},
		"other id":  {strings.Replace(string(whole), s.ID, uuid.NewString(), 1), api.ErrMetaDataSealIsBroken},
	} {
		if err := os.WriteFile(metadata, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		f.ForgetAll()
		if _, err := f.Domain(t.Context(), s.ID); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if got, _ := os.ReadFile(metadata); string(got) != c.text {
			t.Errorf("%s: looking wrote %q", name, got)
		}
	}
	if err := os.Remove(metadata); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Domain(t.Context(), s.ID); !errors.Is(err, api.ErrStorageDomainMetadataNotFound) {
		t.Errorf("without metadata: %v", err)
	}
	if err := os.Symlink("/etc/hostname", metadata); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Domain(t.Context(), s.ID); !errors.Is(err, api.ErrStorageDomainAccess) {
		t.Errorf("a planted link: %v", err)
	}
}

func TestOpeningRemovesWhatIsLeftOfImages(t *testing.T) {
	f := newFixture(t)
	s := f.spec()
	d, err := f.Create(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	image := uuid.NewString()
	for _, name := range []string{"images/" + image, "images/_remove_me_" + uuid.NewString() + "/x"} {
		if err := os.MkdirAll(d.Path(name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	f.ForgetAll()
	if d, err = f.Domain(t.Context(), s.ID); err != nil {
		t.Fatal(err)
	}
	if names := f.names(t, s.ID, "images"); !slices.Equal(names, []string{image}) {
		t.Errorf("images: %q", names)
	}
	if images, err := d.Images(t.Context()); err != nil || !slices.Equal(images, []string{image}) {
		t.Errorf("images: %q, %v", images, err)
	}
}
