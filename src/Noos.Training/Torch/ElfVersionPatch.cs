using System.Buffers.Binary;
using System.Text;

namespace Noos.Training.Torch;

/// <summary>
/// TorchSharp's native library asks for symbol version GLIBCXX_3.4.32, which Debian 12 and Ubuntu 22.04 lack, for the sake of one marker
/// symbol that is never called (<c>std::ios_base_library_init</c>). Marking that one need as weak (VER_FLG_WEAK, see the ELF
/// symbol-versioning section of the Linux Standard Base) lets the dynamic loader accept the library.
/// </summary>
static class ElfVersionPatch
{
    const string Version = "GLIBCXX_3.4.32";
    const uint SectionTypeVersionNeed = 0x6ffffffe;
    const byte FlagWeak = 0x2;

    /// <summary>Sets the weak flag on the version need. Returns false when there is nothing to change.</summary>
    public static bool Relax(Span<byte> elf)
    {
        var changed = false;
        var sectionTable = (int)BinaryPrimitives.ReadUInt64LittleEndian(elf[0x28..]);
        int sectionSize = BinaryPrimitives.ReadUInt16LittleEndian(elf[0x3A..]);
        int sectionCount = BinaryPrimitives.ReadUInt16LittleEndian(elf[0x3C..]);
        for (var section = 0; section < sectionCount; section++)
        {
            var header = elf[(sectionTable + (section * sectionSize))..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) != SectionTypeVersionNeed)
            {
                continue;
            }

            var need = (int)BinaryPrimitives.ReadUInt64LittleEndian(header[0x18..]);
            var linkedSection = (int)BinaryPrimitives.ReadUInt32LittleEndian(header[0x28..]);
            var strings = (int)BinaryPrimitives.ReadUInt64LittleEndian(elf[(sectionTable + (linkedSection * sectionSize) + 0x18)..]);
            changed |= RelaxNeeds(elf, need, strings);
        }

        return changed;
    }

    static bool RelaxNeeds(Span<byte> elf, int need, int strings)
    {
        var changed = false;
        while (true)
        {
            int count = BinaryPrimitives.ReadUInt16LittleEndian(elf[(need + 2)..]);
            var entry = need + (int)BinaryPrimitives.ReadUInt32LittleEndian(elf[(need + 8)..]);
            for (var index = 0; index < count; index++)
            {
                var name = elf[(strings + (int)BinaryPrimitives.ReadUInt32LittleEndian(elf[(entry + 8)..]))..];
                if (Encoding.ASCII.GetString(name[..name.IndexOf((byte)0)]) == Version && (elf[entry + 4] & FlagWeak) == 0)
                {
                    elf[entry + 4] |= FlagWeak;
                    changed = true;
                }

                entry += (int)BinaryPrimitives.ReadUInt32LittleEndian(elf[(entry + 12)..]);
            }

            var next = (int)BinaryPrimitives.ReadUInt32LittleEndian(elf[(need + 12)..]);
            if (next == 0)
            {
                return changed;
            }

            need += next;
        }
    }
}
