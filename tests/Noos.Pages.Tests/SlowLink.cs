using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Noos.Pages.Tests;

/// <summary>
/// A link on which each piece of data arrives late, and pieces that were sent apart arrive apart. Where the variable NOOS_LAG names
/// milliseconds, all pages are reached over one: what is drawn later than a test looks then shows every time, and not once in a
/// thousand runs on a busy machine.
/// </summary>
sealed class SlowLink : IAsyncDisposable
{
    readonly CancellationTokenSource _stop = new();
    readonly TcpListener _listener;
    readonly int _target;
    readonly TimeSpan _lag;
    readonly Task _work;

    SlowLink(int port, int target, TimeSpan lag)
    {
        (_target, _lag) = (target, lag);
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _work = AcceptAsync();
    }

    /// <summary>How late data arrives; zero where nobody asked for it.</summary>
    public static TimeSpan Lag { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("NOOS_LAG"), NumberStyles.None, CultureInfo.InvariantCulture, out var lag)
            ? TimeSpan.FromMilliseconds(lag)
            : TimeSpan.Zero;

    /// <summary>Passes on what arrives at a port of this machine to another.</summary>
    public static SlowLink Start(int port, int target) => new(port, target, Lag);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _work;
        _stop.Dispose();
    }

    async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    async Task ServeAsync(TcpClient near)
    {
        using var _ = near;
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _target, over.Token);
            var (one, other) = (near.GetStream(), far.GetStream());
            await Task.WhenAny(PumpAsync(one, other, over.Token), PumpAsync(other, one, over.Token));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // A link is down where its other end is.
        }

        await over.CancelAsync();
    }

    async Task PumpAsync(NetworkStream from, NetworkStream to, CancellationToken cancellationToken)
    {
        var pieces = Channel.CreateUnbounded<(byte[] Data, long Read)>();
        var reading = ReadAsync();
        await foreach (var (data, read) in pieces.Reader.ReadAllAsync(cancellationToken))
        {
            var left = _lag - TimeProvider.System.GetElapsedTime(read);
            // At least some of it after each piece, so that the next is seen apart.
            await Task.Delay(left > _lag / 4 ? left : _lag / 4, cancellationToken);
            await to.WriteAsync(data, cancellationToken);
        }

        await reading;

        async Task ReadAsync()
        {
            var buffer = new byte[1 << 18];
            try
            {
                while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var count)
                {
                    pieces.Writer.TryWrite((buffer[..count], TimeProvider.System.GetTimestamp()));
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // As if the other end had closed.
            }

            pieces.Writer.Complete();
        }
    }
}
