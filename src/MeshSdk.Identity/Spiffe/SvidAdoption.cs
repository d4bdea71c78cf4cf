using System.Security.Cryptography;
using MeshSdk.Identity.Certificates;
using MeshSdk.Identity.Protocol;

namespace MeshSdk.Identity.Spiffe;

/// <summary>What becomes of messages: those that say something new and good come into force, those that are bad are reported, and what was before stays.</summary>
internal sealed class SvidAdoption(string? hint, TimeProvider time, ICertificateSink sink, string source)
{
    private byte[]? _digest;
    private MeshIdentity? _identity;
    private bool _failed;

    public void Take(X509SVIDResponse message)
    {
        try
        {
            var svid = SvidMessage.Select(message, hint);
            var digest = MessageDigest.Of(message, svid);
            if (_digest is not null && CryptographicOperations.FixedTimeEquals(digest, _digest))
            {
                Restate();
                return;
            }

            var identity = SvidMessage.Read(message, svid, time.GetUtcNow());
            sink.Publish(identity);
            (_digest, _identity, _failed) = (digest, identity, false);
        }
        catch (Exception exception) when (exception is IdentitySourceException or ArgumentException)
        {
            Fail(new IdentitySourceException($"{source} sent an identity that cannot be used: {exception.Message}"));
        }
    }

    public void Fail(IdentitySourceException reason)
    {
        _failed = true;
        sink.Failed(reason);
    }

    // The very same identity once more: nothing new comes into force, but the failure that was told is over.
    private void Restate()
    {
        if (_failed)
        {
            sink.Publish(_identity!);
            _failed = false;
        }
    }
}
