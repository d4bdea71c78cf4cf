using MeshSdk.Identity.Certificates;

namespace MeshSdk.Identity.Istiod;

/// <summary>A certificate was not to be had.</summary>
internal sealed class IssuanceException(IssuanceFailure kind, string message, Exception? inner = null) : IdentitySourceException(message, inner)
{
    public IssuanceFailure Kind { get; } = kind;
}
