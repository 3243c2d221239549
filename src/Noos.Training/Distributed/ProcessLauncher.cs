using System.ComponentModel;
using System.Diagnostics;

namespace Noos.Training.Distributed;

/// <summary>Workers as processes of a program.</summary>
/// <param name="create">How to start one that joins at an address with a key file.</param>
public sealed class ProcessLauncher(Func<string, string, ProcessStartInfo> create) : IWorkerLauncher
{
    readonly Dictionary<int, Process> _processes = [];

    public int Start(string address, string keyFile)
    {
        var process = Process.Start(create(address, keyFile)) ?? throw new InvalidOperationException("No process was started.");
        _processes.Add(process.Id, process);
        return process.Id;
    }

    public void Kill(int processId)
    {
        if (_processes.Remove(processId, out var process))
        {
            End(process);
        }
    }

    public bool IsRunning(int processId) => _processes.TryGetValue(processId, out var process) && !process.HasExited;

    public void Dispose()
    {
        foreach (var process in _processes.Values)
        {
            End(process);
        }

        _processes.Clear();
    }

    static void End(Process process)
    {
        using (process)
        {
            try
            {
                process.Kill();
                process.WaitForExit();
            }
            catch (Exception e) when (e is InvalidOperationException or Win32Exception)
            {
                // It ended by itself.
            }
        }
    }
}
