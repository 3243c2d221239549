using Noos.Core;

namespace Noos.Kernel.Cpu;

/// <summary>
/// What a CPU that knows whose its keys and values are offers beyond <see cref="ICpu"/> (<see cref="ICpu.GetService"/>): an account of
/// them, and moving those of a process out of memory and back. Keys and values belong to tokens, so what is moved is never wrong, only
/// there or not: what is not there is read again from the text. Thread-safe.
/// </summary>
public interface IProcessMemory
{
    /// <summary>What each process holds, the one that ran longest ago first.</summary>
    IReadOnlyList<ProcessMemory> Measure();

    /// <summary>Writes what a process holds into a stream, and then frees what no other needs of it.</summary>
    /// <returns>Whether there was anything; else nothing was written.</returns>
    /// <exception cref="IOException">The stream cannot be written; all is as before.</exception>
    Task<bool> SwapOutAsync(long process, Stream stream, CancellationToken cancellationToken);

    /// <summary>Takes back what was written.</summary>
    /// <param name="process">Whose.</param>
    /// <param name="model">Its model; null for the usual one.</param>
    /// <param name="stream">What was written.</param>
    /// <param name="cancellationToken">Ends the reading; nothing is taken then.</param>
    /// <exception cref="NoosException">It is damaged, of another model, or there is no memory; nothing was taken.</exception>
    Task SwapInAsync(long process, string? model, Stream stream, CancellationToken cancellationToken);

    /// <summary>The process will not run again: nobody accounts for it any more.</summary>
    void Forget(long process);
}
