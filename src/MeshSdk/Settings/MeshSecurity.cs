namespace MeshSdk;

/// <summary>Whether the TLS that policies ask for is kept to.</summary>
public enum MeshSecurity
{
    /// <summary>As policies say; a call that should be encrypted and cannot be is refused with 503.</summary>
    On,

    /// <summary>
    /// Sends in plaintext what policies want encrypted. For demos and for laptops without certificates; the only way to get this.
    /// An application's own <c>https</c> call stays encrypted.
    /// </summary>
    Off,
}
