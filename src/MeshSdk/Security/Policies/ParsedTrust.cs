using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Model;
using MeshSdk.Security.Revocation;
using MeshSdk.Security.Trust;

namespace MeshSdk.Security.Policies;

/// <summary>The texts of a policy, parsed.</summary>
internal sealed class ParsedTrust
{
    private readonly ImmutableArray<X509Certificate2> _authorities = [];
    private readonly string? _fault;
    private readonly string? _revocationsFault;
    private readonly IReadOnlyList<RevocationList> _revocations = [];
    private volatile Tuple<AuthorityList?, TrustAnchors>? _last;

    public ParsedTrust(TlsTrust trust)
    {
        try
        {
            _authorities = trust.Authorities is { } text ? AuthorityList.Parse(text).Certificates : [];
            _fault = trust is { Authorities: null, AuthoritiesFile: null } ? "no authorities are given by whose word a peer could prove who it is" : null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            _fault = $"the authorities by whose word a peer has to prove who it is cannot be read: {e.Message}";
        }

        try
        {
            _revocations = trust.Revocations is { } text ? [.. RevocationListReader.ReadPem(text)] : [];
        }
        catch (RevocationListException e)
        {
            _revocationsFault = $"the revocation lists cannot be read: {e.Message}";
        }
    }

    public IReadOnlyList<RevocationList> Revocations =>
        _revocationsFault is null ? _revocations : throw new IdentityUnavailableException(_revocationsFault);

    public TrustAnchors With(AuthorityList? file)
    {
        if (_fault is not null)
        {
            throw new IdentityUnavailableException(_fault);
        }

        var last = _last;
        if (last is null || !ReferenceEquals(last.Item1, file))
        {
            _last = last = Tuple.Create(file, new TrustAnchors([.. _authorities, .. file?.Certificates ?? []], RevocationLists.None));
        }

        return last.Item2;
    }
}
