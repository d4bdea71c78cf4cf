using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using MeshSdk.Model;
using MeshSdk.Security.Revocation;
using MeshSdk.Security.Trust;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Security.Policies;

/// <summary>Authorities, revocation lists and certificates that policies bring along, as text or as files: each text is parsed once, each file once for each version.</summary>
internal sealed class PolicyMaterial(ILogger logger)
{
    private readonly ConcurrentDictionary<string, PolicyFile<AuthorityList>> _authorities = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PolicyFile<IReadOnlyList<RevocationList>>> _revocations = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Certificate, string Key), PolicyFile<PolicyCredential>> _credentials = [];
    private readonly ConditionalWeakTable<TlsTrust, ParsedTrust> _trusts = [];
    private readonly ConditionalWeakTable<TlsCredential, PolicyCredential> _texts = [];

    /// <summary>The authorities that a policy names; null: it leaves that to the machine, or to the mesh.</summary>
    /// <exception cref="IdentityUnavailableException">They cannot be read.</exception>
    public TrustAnchors? AnchorsOf(TlsTrust trust)
    {
        if (trust.Kind != TlsTrustKind.Given)
        {
            return null;
        }

        var parsed = _trusts.GetValue(trust, static trust => new ParsedTrust(trust));
        var file = trust.AuthoritiesFile is { } path
            ? _authorities.GetOrAdd(path, static (path, logger) => new PolicyFile<AuthorityList>([path], static texts => AuthorityList.Parse(texts[0]), logger), logger).Current()
            : null;
        return parsed.With(file);
    }

    /// <summary>The revocation lists that a policy names.</summary>
    /// <exception cref="IdentityUnavailableException">They cannot be read.</exception>
    public RevocationLists RevocationsOf(TlsTrust trust)
    {
        if (trust is { Revocations: null, RevocationsFile: null })
        {
            return RevocationLists.None;
        }

        var text = _trusts.GetValue(trust, static trust => new ParsedTrust(trust)).Revocations;
        IReadOnlyList<RevocationList> file = trust.RevocationsFile is { } path
            ? _revocations.GetOrAdd(path, static (path, logger) => new PolicyFile<IReadOnlyList<RevocationList>>(
                [path], static texts => [.. RevocationListReader.ReadPem(texts[0])], logger), logger).Current()
            : [];
        return new RevocationLists([.. text, .. file], demandsAll: true);
    }

    /// <summary>What a policy has us show; null: nothing.</summary>
    /// <exception cref="IdentityUnavailableException">It cannot be read.</exception>
    public PolicyCredential? CredentialOf(TlsCredential? credential) => credential switch
    {
        null => null,
        { CertificateFile: { } certificate, KeyFile: { } key } => _credentials
            .GetOrAdd((certificate, key), static (files, logger) => new PolicyFile<PolicyCredential>(
                [files.Certificate, files.Key], static texts => PolicyCredential.Parse(texts[0], texts[1]), logger), logger)
            .Current(),
        { Certificate: not null, Key: not null } => _texts.GetValue(credential, static credential => Parse(credential.Certificate!, credential.Key!)),
        _ => throw new IdentityUnavailableException("a client certificate is to be shown, and either it or its key is not given"),
    };

    private static PolicyCredential Parse(string certificate, SecretText key)
    {
        try
        {
            return PolicyCredential.Parse(certificate, key.Value);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new IdentityUnavailableException($"the client certificate that is to be shown cannot be used: {e.Message}");
        }
    }
}
