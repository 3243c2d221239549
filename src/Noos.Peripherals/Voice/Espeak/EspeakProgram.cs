using System.Diagnostics;
using System.Text;
using Noos.Core;

namespace Noos.Peripherals.Voice.Espeak;

/// <summary>
/// The program espeak-ng where it is installed: started as a process of its own with the text on its standard input, never linked, since
/// its licence (GPL-3) would reach whatever it is linked into.
/// </summary>
/// <param name="path">Of the program.</param>
sealed class EspeakProgram(string path)
{
    static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    static readonly string[] s_folders = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", @"C:\Program Files\eSpeak NG"];

    /// <summary>Null where it is not installed.</summary>
    public static EspeakProgram? Find() => s_folders
        .SelectMany(folder => (string[])[Path.Combine(folder, "espeak-ng"), Path.Combine(folder, "espeak-ng.exe")])
        .FirstOrDefault(File.Exists) is { } found ? new EspeakProgram(found) : null;

    /// <summary>What it writes to its standard output.</summary>
    /// <param name="text">What it reads.</param>
    /// <param name="arguments">Of the command line.</param>
    /// <exception cref="NoosException">It fails, or takes too long (Unavailable).</exception>
    public byte[] Run(string text, params string[] arguments)
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        try
        {
            using var process = Process.Start(start)!;
            using var clock = new Timer(_ => Kill(process), null, s_limit, Timeout.InfiniteTimeSpan);
            var errors = process.StandardError.ReadToEndAsync();
            var write = Task.Run(() =>
            {
                process.StandardInput.Write(text);
                process.StandardInput.Close();
            });
            using var output = new MemoryStream();
            process.StandardOutput.BaseStream.CopyTo(output);
            process.WaitForExit();
            write.GetAwaiter().GetResult();
            return process.ExitCode == 0 ? output.ToArray() : throw Failed(errors.GetAwaiter().GetResult().Trim(), null);
        }
        catch (Exception e) when (e is IOException or System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            throw Failed(e.Message, e);
        }
    }

    static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    static NoosException Failed(string why, Exception? inner)
    {
        var message = $"The program espeak-ng failed{(why.Length > 0 ? $" ({why.ReplaceLineEndings(" ").TrimEnd('.')})" : "")}; "
            + "choose another voice, or install it anew.";
        return inner is null
            ? new NoosException(ErrorKind.Unavailable, message) : new NoosException(ErrorKind.Unavailable, message, inner);
    }
}
