using Noos.Cpus.Hub;

namespace Noos.Cpus.Library;

/// <summary>The ears and voices that were pulled, which no conversation can choose as its model.</summary>
static class PulledDevices
{
    static readonly EnumerationOptions s_everywhere = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 8,
        IgnoreInaccessible = true,
    };

    /// <param name="folder">The user's models folder; what lies in it directly was not pulled.</param>
    public static IReadOnlyList<StoredModel> List(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var found = from file in Directory.EnumerateFiles(folder, "*", s_everywhere)
                    let isPart = file.EndsWith(PartialFile.Ending, StringComparison.OrdinalIgnoreCase)
                    let whole = isPart ? file[..^PartialFile.Ending.Length] : file
                    let path = Path.GetRelativePath(folder, ModelOf(whole)).Replace('\\', '/')
                    where path.Contains('/') && (SpeechModelFile.IsName(path) || VoiceModelFile.IsName(path))
                    group (File: file, Whole: whole, IsPart: isPart) by path;
        return
        [
            .. from device in found
               let parts = device.Select(part => part.File).Order(StringComparer.Ordinal).ToArray()
               let isEar = SpeechModelFile.IsName(device.Key)
               let own = isEar ? SpeechModelFile.NameOf(device.Key) : VoiceModelFile.NameOf(device.Key)
               let count = isEar ? 1 : 2
               let isWhole = device.Where(part => !part.IsPart).Select(part => part.Whole).Distinct().Count() == count
               let place = device.Key.Split('/') is [var owner, var repository, _, ..] ? $"{owner}/{repository}" : device.Key.Split('/')[0]
               orderby place, own
               // A model that belongs to something else lies alone, without the settings of a voice.
               where isEar || device.Count() == count || device.Any(part => part.IsPart)
               select new StoredModel($"{place}:{own}", Path.Combine(folder, device.Key), ModelOrigin.Pulled, folder, parts, isWhole)
               {
                   Aliases = [own, Path.GetFileName(device.Key)],
               },
        ];
    }

    /// <summary>The model that a file belongs to: itself, or of the settings of a voice the voice.</summary>
    static string ModelOf(string file) =>
        file.EndsWith(VoiceModelFile.Extension + VoiceModelFile.SettingsExtension, StringComparison.OrdinalIgnoreCase)
            ? file[..^VoiceModelFile.SettingsExtension.Length]
            : file;
}
