namespace Noos.Kernel.Cpu;

/// <summary>A CPU of a <see cref="CpuPool"/> in use: it stays open until this is disposed.</summary>
public sealed class CpuLease : IDisposable
{
    Action? _end;

    internal CpuLease(ICpu cpu, Action end) => (Cpu, _end) = (cpu, end);

    public ICpu Cpu { get; }

    public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
}
