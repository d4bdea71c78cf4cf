using System.Security.Authentication;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>Tells a handshake that was refused from one that was cut off.</summary>
internal static class HandshakeFault
{
    /// <summary>
    /// One side does not accept the other. A connection that ends in the middle of a handshake is reported as a fault of the handshake as well, and is what
    /// a load balancer without a server behind it makes of an outage.
    /// </summary>
    public static bool IsRefusal(HttpRequestException fault)
    {
        if (fault.HttpRequestError != HttpRequestError.SecureConnectionError)
        {
            return false;
        }

        for (Exception? cause = fault; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationException)
            {
                return true;
            }
        }

        return false;
    }
}
