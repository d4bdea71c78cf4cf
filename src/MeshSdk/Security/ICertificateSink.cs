namespace MeshSdk;

/// <summary>Hears of the identities that an <see cref="ICertificateSource"/> delivers. Safe to call from any thread, one call at a time.</summary>
public interface ICertificateSink
{
    /// <summary>From now on new connections are made with this identity, and those that were made with earlier ones run out.</summary>
    /// <exception cref="ArgumentException">It cannot be used: it has expired, or it lists authorities that cannot be read. What was before stays in force.</exception>
    void Publish(MeshIdentity identity);

    /// <summary>A newer identity, or a first one, cannot be had for now. What was before stays in force until it expires.</summary>
    /// <param name="reason">Why, for logs and for the answers to calls that need an identity. Holds no secret.</param>
    void Failed(Exception reason);
}
