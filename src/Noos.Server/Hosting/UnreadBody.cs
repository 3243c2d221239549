using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Noos.Server.Hosting;

/// <summary>
/// What a client still sends of a request that was refused before all of it had come. To close the connection meanwhile resets it, and a
/// client that sends its whole request before it reads hears of a broken pipe instead of the refusal. Kestrel reads on by itself, but for
/// five seconds, only from who sends all the time, and nothing beyond its limit for bodies.
/// </summary>
static class UnreadBody
{
    // Whoever needs longer is cut off after all.
    static readonly TimeSpan s_maxTime = TimeSpan.FromSeconds(60);

    const int BufferLength = 1 << 16;

    /// <summary>Sends the answer, whole, and reads what is left of the request for nothing.</summary>
    public static async Task DrainAsync(HttpContext http, TimeProvider timeProvider)
    {
        // Who has asked whether to send the body has the answer, and sends none; nor does who wanted another protocol.
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true } || http.Request.Headers.Expect.Count > 0
            || http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true })
        {
            return;
        }

        await http.Response.CompleteAsync();
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            // A client that the machine leaves without a processor for seconds is not cut off either.
            rate.MinDataRate = null;
        }

        using var late = new CancellationTokenSource(s_maxTime, timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, http.RequestAborted);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            while (await http.Request.Body.ReadAsync(buffer, stop.Token) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // It is answered; that the rest does not come, or is no body, changes nothing.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
