using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>
/// Matches who calls: each list that is not empty has to hold something that matches, and none of its counterpart may match. Identities are those that were
/// proved; who has proved none matches no list of them, and no counterpart either.
/// </summary>
internal sealed record CallerMatch
{
    /// <summary>Identities without their scheme, <c>trust.domain/ns/NAMESPACE/sa/ACCOUNT</c>.</summary>
    public ImmutableArray<TextPattern> Principals { get; init; } = [];

    public ImmutableArray<TextPattern> NotPrincipals { get; init; } = [];

    public ImmutableArray<GlobPattern> Namespaces { get; init; } = [];

    public ImmutableArray<GlobPattern> NotNamespaces { get; init; } = [];

    public ImmutableArray<AccountPattern> Accounts { get; init; } = [];

    public ImmutableArray<AccountPattern> NotAccounts { get; init; } = [];

    /// <summary>Of the other end of the connection.</summary>
    public ImmutableArray<AddressBlock> Addresses { get; init; } = [];

    public ImmutableArray<AddressBlock> NotAddresses { get; init; } = [];
}
