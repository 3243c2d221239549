using System.Buffers.Binary;

namespace Noos.Tools.Code.Sandboxing;

/// <summary>
/// The part of a <see cref="SyscallScript"/> that confines files by Landlock (landlock(7)): what is not named cannot be opened, and no TCP
/// port reached. Since ABI 6 (Linux 6.12) signals and abstract sockets stay inside as well.
/// </summary>
/// <param name="abi">The version of the kernel; 0 for none.</param>
/// <param name="hasNetwork">TCP ports may be reached.</param>
/// <param name="mayLink">Symbolic links may be made where it may write.</param>
sealed class Landlock(int abi, bool hasNetwork = false, bool mayLink = false)
{
    const long Execute = 1;
    const long WriteFile = 2;
    const long ReadFile = 4;
    const long ReadFolder = 8;
    const long Truncate = 1 << 14;

    // MAKE_CHAR, MAKE_BLOCK, MAKE_SOCK, MAKE_SYM: of no use in a folder of data.
    const long MakeLink = 1 << 12;
    const long Special = (1 << 6) | (1 << 11) | (1 << 9) | MakeLink;

    // BIND_TCP and CONNECT_TCP.
    const long AllPorts = 3;

    // Abstract sockets, and signals.
    const long AllScopes = 3;

    /// <summary>The first version without gaps through which files outside could be changed: truncating is covered.</summary>
    public const int MinAbi = 3;

    const int FirstDescriptor = 3;

    /// <summary>All that the kernel can control: 13 rights at first, then REFER, TRUNCATE, and IOCTL_DEV.</summary>
    long All => (1L << (abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13)) - 1;

    /// <summary>Whether signals to processes outside are refused.</summary>
    public bool ConfinesSignals => abi >= 6;

    /// <summary>
    /// Adds the calls that make the rules and leave them in descriptor 3. Folders are opened by whoever runs the script, so this can stand
    /// before it gives up its rights.
    /// </summary>
    /// <param name="script">Gets the calls.</param>
    /// <param name="readable">May be read and executed; what does not exist is passed over.</param>
    /// <param name="writable">May be read and changed.</param>
    /// <param name="devices">May be read and written, but neither made nor removed.</param>
    public void AddRules(
        SyscallScript script, IEnumerable<string> readable, IEnumerable<string> writable, IEnumerable<string> devices)
    {
        if (abi == 0)
        {
            return;
        }

        // struct landlock_ruleset_attr has grown with the versions: files, then TCP, then scopes.
        var length = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
        var attributes = script.Numbers(All, hasNetwork ? 0 : AllPorts, AllScopes);
        script.Call("making Landlock rules", Syscall.LandlockCreateRuleset, attributes, length, 0);
        foreach (var path in writable)
        {
            Allow(path, (All & ~Special) | (mayLink ? MakeLink : 0), isNeeded: true);
        }

        foreach (var path in readable)
        {
            Allow(path, Execute | ReadFile | ReadFolder, isNeeded: false);
            // A rule for a file may not name rights of folders: then the one before was refused, and this one is taken.
            Allow(path, Execute | ReadFile, isNeeded: false);
        }

        foreach (var path in devices)
        {
            Allow(path, ReadFile | WriteFile | (abi >= 3 ? Truncate : 0), isNeeded: false);
        }

        void Allow(string path, long rights, bool isNeeded)
        {
            Action<string, long, long[]> add = isNeeded ? script.Call : script.Try;
            // struct landlock_path_beneath_attr is packed: 8 bytes of rights, 4 of the descriptor.
            var rule = new byte[12];
            BinaryPrimitives.WriteInt64LittleEndian(rule, rights);
            BinaryPrimitives.WriteInt32LittleEndian(rule.AsSpan(8), FirstDescriptor + 1);
            add($"opening {path}", Syscall.OpenAt, [Syscall.AtCurrentFolder, script.Text(path), Syscall.OpenPath]);
            add($"allowing {path}", Syscall.LandlockAddRule, [FirstDescriptor, 1, script.Bytes(rule), 0]);
            script.Try("closing", Syscall.CloseRange, FirstDescriptor + 1, uint.MaxValue, 0);
        }
    }

    /// <summary>Adds the calls that put the rules in force; no new privileges must be set before.</summary>
    public void Enforce(SyscallScript script)
    {
        if (abi > 0)
        {
            script.Call("confining files with Landlock", Syscall.LandlockRestrictSelf, FirstDescriptor, 0);
            script.Call("closing the rules", Syscall.CloseRange, FirstDescriptor, uint.MaxValue, 0);
        }
    }
}
