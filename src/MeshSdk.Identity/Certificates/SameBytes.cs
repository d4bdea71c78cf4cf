using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Identity.Certificates;

/// <summary>Certificates are the same where all their bytes are. The platform compares issuer and serial number, which whoever makes one may choose.</summary>
internal sealed class SameBytes : IEqualityComparer<X509Certificate2>
{
    public static readonly SameBytes Comparer = new();

    public bool Equals(X509Certificate2? x, X509Certificate2? y) =>
        ReferenceEquals(x, y) || (x is not null && y is not null && x.RawDataMemory.Span.SequenceEqual(y.RawDataMemory.Span));

    public int GetHashCode(X509Certificate2 obj)
    {
        var hash = new HashCode();
        hash.AddBytes(obj.RawDataMemory.Span);
        return hash.ToHashCode();
    }
}
