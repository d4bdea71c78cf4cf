using System.Net.Sockets;
using System.Security.Authentication;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Clients;

/// <summary>Tells a connection that brings no answer from every other failure.</summary>
internal static class Refusal
{
    public static bool IsRefusal(this Exception exception) => exception switch
    {
        // Where nobody listens, nobody has been refused.
        _ when exception.GetBaseException() is SocketException { SocketErrorCode: SocketError.ConnectionRefused } => false,
        AuthenticationException or SocketException => true,
        HttpRequestException or IOException => exception is not HttpRequestException { StatusCode: not null },
        _ => false,
    };

    public static async Task<Answer> OrAnswerAsync(Func<Task<Answer>> call)
    {
        try
        {
            return await call().WaitAsync(Eventually.Patience);
        }
        catch (Exception exception) when (exception.IsRefusal())
        {
            return Answer.Refused;
        }
    }
}
