using System.Security.Authentication;
using Grpc.Core;
using MeshSdk.Identity.Certificates;
using MeshSdk.Identity.Protocol;

namespace MeshSdk.Identity.Istiod;

/// <summary>One request for a certificate: authorities and token are read, a key is made, istiod is dialled, its answer is checked.</summary>
internal sealed class Issuance(IstiodSettings settings, TimeProvider time)
{
    /// <exception cref="IssuanceException">There is no certificate.</exception>
    public async Task<IssuedCertificate> RequestAsync(CancellationToken cancellationToken)
    {
        var address = IstiodAddress.Parse(settings.Address, settings.ServerName);
        var roots = RootFile.Read(settings.RootFile);
        var token = ServiceAccountToken.Read(settings.TokenFile);
        using var request = SigningRequest.Create(IdentityOf(token));
        using var channel = new IstiodChannel(address, roots, time.GetUtcNow());
        using var deadline = new CancellationTokenSource(settings.CallTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        IstioCertificateResponse response;
        try
        {
            using var call = channel.Create(
                new IstioCertificateRequest { Csr = request.Pem, ValidityDuration = (long)settings.Lifetime.TotalSeconds }, HeadersFor(token), either.Token);
            response = await call.ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException exception)
        {
            // A call that is given up here ends with the same status as one that istiod gives up.
            cancellationToken.ThrowIfCancellationRequested();
            throw deadline.IsCancellationRequested
                ? new IssuanceException(IssuanceFailure.Transient, $"istiod at {address} did not answer within {settings.CallTimeout.TotalSeconds:0} s")
                : Explain(exception, address, token);
        }

        try
        {
            return IssuedCertificate.Read(response.CertChain, request.Key, roots, time.GetUtcNow());
        }
        catch (IdentitySourceException exception)
        {
            throw new IssuanceException(IssuanceFailure.Refused, $"istiod at {address} answered with what cannot be used: {exception.Message}");
        }
    }

    private SpiffeId? IdentityOf(ServiceAccountToken token)
    {
        // In a trust domain an @ becomes a dot, as istiod has it.
        var domain = settings.TrustDomain.Replace('@', '.');
        return SpiffeId.TryParse($"spiffe://{domain}/ns/{token.Namespace}/sa/{token.Account}", out var id) ? id : null;
    }

    private Metadata HeadersFor(ServiceAccountToken token)
    {
        var headers = new Metadata { { "authorization", $"Bearer {token.Secret}" } };
        if (!string.IsNullOrEmpty(settings.ClusterId))
        {
            headers.Add("clusterid", settings.ClusterId);
        }

        return headers;
    }

    // The exception itself is not passed on: its text is the other side's, and might hold what was sent.
    private IssuanceException Explain(RpcException exception, IstiodAddress address, ServiceAccountToken token)
    {
        if (exception.Status.DebugException is { } failure && Find<AuthenticationException>(failure) is { } untrusted)
        {
            return new(
                IssuanceFailure.Transient,
                $"what answers at {address} could not be verified as {address.ServerName} by the authorities in {settings.RootFile}: {untrusted.Message} "
                + $"({IstiodSettings.ServerNameVariable} says what name it must have)");
        }

        var detail = RemoteText.Clean(exception.Status.Detail, token.Secret);
        return exception.StatusCode switch
        {
            StatusCode.Cancelled or StatusCode.DeadlineExceeded or StatusCode.ResourceExhausted or StatusCode.Aborted or StatusCode.Internal or StatusCode.Unavailable =>
                new(IssuanceFailure.Transient, $"istiod at {address} cannot issue a certificate for now ({exception.StatusCode}): {detail}"),
            StatusCode.Unauthenticated => new(
                IssuanceFailure.Refused,
                $"istiod at {address} does not accept the token in {settings.TokenFile} (Unauthenticated): {detail}. Its audience has to be istio-ca"
                + (settings.ClusterId is null ? $", and in a mesh of several clusters {IstiodSettings.ClusterIdVariable} has to name this one" : "")),
            var status => new(IssuanceFailure.Refused, $"istiod at {address} refuses to issue a certificate ({status}): {detail}"),
        };
    }

    private static T? Find<T>(Exception? exception)
        where T : Exception
    {
        while (exception is not null and not T)
        {
            exception = exception.InnerException;
        }

        return (T?)exception;
    }
}
