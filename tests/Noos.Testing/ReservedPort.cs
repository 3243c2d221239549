using System.Net;
using System.Net.Sockets;

namespace Noos.Testing;

/// <summary>
/// A port of the loopback that nobody else takes while this is held, also between two servers that listen at it one after the other.
/// A port that the system has picked and that was let go again may be another's by the time it is used: of a test beside this one, or
/// of any connection that leaves this machine.
/// </summary>
public sealed class ReservedPort : IDisposable
{
    // Below those that systems pick from by themselves (Linux from 32768, others from 49152).
    const int First = 15_000;
    const int Last = 32_000;

    readonly FileStream _lock;

    public ReservedPort()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "noos-ports")).FullName;
        while (true)
        {
            Number = Random.Shared.Next(First, Last);
            if (TryLock(Path.Combine(folder, $"{Number}")) is not { } held)
            {
                continue;
            }

            if (IsFree(Number))
            {
                _lock = held;
                return;
            }

            held.Dispose();
        }
    }

    /// <summary>The port.</summary>
    public int Number { get; }

    public void Dispose() => _lock.Dispose();

    // The lock ends with its process, however that ends.
    static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
