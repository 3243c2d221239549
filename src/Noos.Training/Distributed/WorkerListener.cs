using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Security.Cryptography;
using Noos.Core;

namespace Noos.Training.Distributed;

/// <summary>
/// Awaits workers: each must answer a challenge with the key and round as this machine does. On a thread of its own, and one for each
/// worker while it is let in.
/// </summary>
sealed class WorkerListener : IDisposable
{
    // Whoever says nothing meanwhile is no worker.
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    readonly TcpListener _listener;
    readonly byte[] _key;
    readonly Func<WorkerHello, string?> _refuse;
    readonly Func<WorkerWelcome> _welcome;
    readonly Action<FrameStream, WorkerHello> _joined;

    /// <param name="address">Host and port to listen at.</param>
    /// <param name="refuse">A sentence for a worker that is not wanted; null for others.</param>
    /// <param name="welcome">What a worker is told.</param>
    /// <param name="joined">Takes over the connection.</param>
    /// <exception cref="NoosException">The address is none of this machine, or in use.</exception>
    public WorkerListener(
        string address, byte[] key, Func<WorkerHello, string?> refuse, Func<WorkerWelcome> welcome,
        Action<FrameStream, WorkerHello> joined)
    {
        (_key, _refuse, _welcome, _joined) = (key, refuse, welcome, joined);
        if (!IPEndPoint.TryParse(address, out var endPoint))
        {
            throw new NoosException(
                ErrorKind.Invalid, $"'{address}' is no address to listen at; give one such as 127.0.0.1:7080 or 0.0.0.0:7080.");
        }

        _listener = new TcpListener(endPoint);
        try
        {
            _listener.Start();
        }
        catch (SocketException e)
        {
            throw new NoosException(
                ErrorKind.Unavailable, $"Workers cannot be awaited at {address}; the system says: {e.Message.TrimEnd('.')}.", e);
        }

        Address = _listener.LocalEndpoint.ToString()!;
        new Thread(Accept) { IsBackground = true, Name = "worker listener" }.Start();
    }

    /// <summary>Host and port.</summary>
    public string Address { get; }

    public void Dispose() => _listener.Dispose();

    /// <summary>Vectors of another width sum in another order.</summary>
    public static int VectorBits => Vector<byte>.Count * 8;

    void Accept()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = _listener.AcceptSocket();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Closed.
                return;
            }

            new Thread(() => LetIn(socket)) { IsBackground = true, Name = "worker joins" }.Start();
        }
    }

    void LetIn(Socket socket)
    {
        socket.NoDelay = true;
        var stream = new FrameStream(socket) { ReadTimeout = s_patience };
        try
        {
            var challenge = RandomNumberGenerator.GetBytes(JoinKey.ChallengeLength);
            stream.Write(new Frame { Kind = FrameKind.Challenge }, challenge);
            var frame = stream.ReadHeader();

            // A stranger must not make this process reserve memory for what it announces.
            if (frame.Kind != FrameKind.Hello || frame.Length > 4096)
            {
                stream.Dispose();
                return;
            }

            var hello = stream.ReadJson<WorkerHello>(frame);
            if (!CryptographicOperations.FixedTimeEquals(JoinKey.Answer(_key, challenge), hello.Answer))
            {
                Refuse(stream, "The key of this training is another one; copy the file join.key of the run's folder.");
                return;
            }

            if (hello.VectorBits != VectorBits)
            {
                Refuse(stream, string.Create(
                    CultureInfo.InvariantCulture,
                    $"This worker has vectors of {hello.VectorBits} bits and the training is made with {VectorBits}: they round in other "
                    + $"ways; use machines of one kind."));
                return;
            }

            if (_refuse(hello) is { } reason)
            {
                Refuse(stream, reason);
                return;
            }

            stream.WriteJson(new Frame { Kind = FrameKind.Welcome }, _welcome());
            stream.ReadTimeout = Timeout.InfiniteTimeSpan;
            _joined(stream, hello);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or SocketException or ObjectDisposedException
            or System.Text.Json.JsonException)
        {
            // No worker of ours, or one that died on the way: it will come again.
            stream.Dispose();
        }
    }

    static void Refuse(FrameStream stream, string reason)
    {
        stream.WriteJson(new Frame { Kind = FrameKind.Refused }, reason);
        stream.Dispose();
    }
}
