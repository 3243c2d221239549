using System.Buffers.Binary;
using System.Text;

namespace Noos.Tools.Code.Sandboxing;

/// <summary>
/// A program of system calls: written here as data, run by a static x86-64 ELF file of a few kilobytes that does nothing but make them, one
/// after the other, the last one being <c>execve</c>. It confines itself and then becomes the confined program, so it needs neither a
/// compiler nor a fork of this many-threaded runtime, and costs a millisecond.
/// </summary>
/// <remarks>
/// <c>close_range</c> at the start makes descriptors predictable: 0 to 2 are the pipes, the first that is opened is 3. So no call needs the
/// result of another.
/// </remarks>
sealed class SyscallScript
{
    // Where ld puts programs; every address of the file is known here and fits 32 bits.
    const int Base = 0x400000;
    const int HeaderLength = 64 + 56;
    const int DataStart = 0x100;
    const int RecordLength = 64;
    const int FirstFailureCode = 100;

    readonly List<byte> _data = [];
    readonly List<(string Name, long Number, long[] Arguments, bool IsNeeded)> _calls = [];

    /// <summary>Adds a call that must succeed: otherwise the program exits, and <see cref="FindFailure"/> knows which it was.</summary>
    public void Call(string name, long number, params long[] arguments) => _calls.Add((name, number, arguments, true));

    /// <summary>Adds a call that may fail.</summary>
    public void Try(string name, long number, params long[] arguments) => _calls.Add((name, number, arguments, false));

    /// <summary>Becomes another program.</summary>
    public void Execute(string path, IEnumerable<string> arguments, IEnumerable<string> environment) => Call(
        $"starting {path}", Syscall.Execve, Text(path), Pointers(arguments.Prepend(path)), Pointers(environment));

    /// <summary>Puts a text into the file.</summary>
    /// <returns>Its address.</returns>
    public long Text(string text) => Bytes(Encoding.UTF8.GetBytes(text + '\0'));

    /// <summary>Puts bytes into the file, at an address that 8 divides.</summary>
    /// <returns>The address.</returns>
    public long Bytes(ReadOnlySpan<byte> bytes)
    {
        Align();
        var address = Base + DataStart + _data.Count;
        _data.AddRange(bytes);
        return address;
    }

    /// <summary>Puts numbers into the file, one after the other.</summary>
    public long Numbers(params ReadOnlySpan<long> numbers)
    {
        var bytes = new byte[numbers.Length * 8];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * 8), numbers[i]);
        }

        return Bytes(bytes);
    }

    /// <summary>What the exit code of a script that did not get to its end means; null for a code of the confined program.</summary>
    public string? FindFailure(int exitCode) =>
        exitCode - FirstFailureCode is >= 0 and var index && index < _calls.Count && _calls[index].IsNeeded ? _calls[index].Name : null;

    /// <summary>The executable file.</summary>
    public byte[] ToElf()
    {
        Align();
        var table = DataStart + _data.Count;
        var file = new byte[table + (_calls.Count * RecordLength)];
        WriteHeader(file);
        WriteLoop(file.AsSpan(HeaderLength), Base + table);
        _data.CopyTo(file, DataStart);
        for (var i = 0; i < _calls.Count; i++)
        {
            var (_, number, arguments, isNeeded) = _calls[i];
            var record = file.AsSpan(table + (i * RecordLength), RecordLength);
            BinaryPrimitives.WriteInt64LittleEndian(record, number);
            for (var j = 0; j < arguments.Length; j++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(record[(8 * (j + 1))..], arguments[j]);
            }

            BinaryPrimitives.WriteInt64LittleEndian(record[56..], isNeeded ? FirstFailureCode + i : 0);
        }

        return file;
    }

    void Align() => _data.AddRange(new byte[(8 - (_data.Count % 8)) % 8]);

    long Pointers(IEnumerable<string> texts)
    {
        long[] addresses = [.. texts.Select(Text)];
        return Numbers([.. addresses, 0]);
    }

    // elf(5): one segment that holds all, and no sections.
    static void WriteHeader(byte[] file)
    {
        ReadOnlySpan<byte> identity = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        identity.CopyTo(file);
        var header = file.AsSpan();
        BinaryPrimitives.WriteInt16LittleEndian(header[16..], 2); // ET_EXEC
        BinaryPrimitives.WriteInt16LittleEndian(header[18..], 62); // EM_X86_64
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], Base + HeaderLength); // entry
        BinaryPrimitives.WriteInt64LittleEndian(header[32..], 64); // program headers
        BinaryPrimitives.WriteInt16LittleEndian(header[52..], 64);
        BinaryPrimitives.WriteInt16LittleEndian(header[54..], 56);
        BinaryPrimitives.WriteInt16LittleEndian(header[56..], 1);
        var segment = header[64..];
        BinaryPrimitives.WriteInt32LittleEndian(segment, 1); // PT_LOAD
        // Writable as well: clone3 and others of their kind may be given structures that the kernel fills.
        BinaryPrimitives.WriteInt32LittleEndian(segment[4..], 7);
        BinaryPrimitives.WriteInt64LittleEndian(segment[16..], Base);
        BinaryPrimitives.WriteInt64LittleEndian(segment[24..], Base);
        BinaryPrimitives.WriteInt64LittleEndian(segment[32..], file.Length);
        BinaryPrimitives.WriteInt64LittleEndian(segment[40..], file.Length);
        BinaryPrimitives.WriteInt64LittleEndian(segment[48..], 0x1000);
    }

    static void WriteLoop(Span<byte> code, int table)
    {
        ReadOnlySpan<byte> loop =
        [
            0xbb, 0, 0, 0, 0, //             mov ebx, table
            0x48, 0x8b, 0x03, //       next: mov rax, [rbx]
            0x48, 0x8b, 0x7b, 0x08, //       mov rdi, [rbx+8]
            0x48, 0x8b, 0x73, 0x10, //       mov rsi, [rbx+16]
            0x48, 0x8b, 0x53, 0x18, //       mov rdx, [rbx+24]
            0x4c, 0x8b, 0x53, 0x20, //       mov r10, [rbx+32]
            0x4c, 0x8b, 0x43, 0x28, //       mov r8, [rbx+40]
            0x4c, 0x8b, 0x4b, 0x30, //       mov r9, [rbx+48]
            0x0f, 0x05, //                   syscall
            0x48, 0x8b, 0x7b, 0x38, //       mov rdi, [rbx+56]
            0x48, 0x83, 0xc3, 0x40, //       add rbx, 64
            0x48, 0x3d, 0x01, 0xf0, 0xff, 0xff, // cmp rax, -4095: errors are the highest 4095 numbers
            0x72, 0xd3, //                   jb next
            0x48, 0x85, 0xff, //             test rdi, rdi: no exit code, so the call may fail
            0x74, 0xce, //                   jz next
            0xb8, 0xe7, 0, 0, 0, //          mov eax, exit_group
            0x0f, 0x05, //                   syscall
        ];
        loop.CopyTo(code);
        BinaryPrimitives.WriteInt32LittleEndian(code[1..], table);
    }
}
