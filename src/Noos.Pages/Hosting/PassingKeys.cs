using System.Collections.Concurrent;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Noos.Pages.Hosting;

/// <summary>Keeps the keys of data protection in memory alone: nothing is written to the disk for a page. Thread-safe.</summary>
sealed class PassingKeys : IXmlRepository
{
    readonly ConcurrentQueue<XElement> _elements = [];

    public IReadOnlyCollection<XElement> GetAllElements() => _elements;

    public void StoreElement(XElement element, string friendlyName) => _elements.Enqueue(element);
}
