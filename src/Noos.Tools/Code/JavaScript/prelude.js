// What scripts have beside the language. Functions of the host take and give texts alone; the names that begin with "__" are taken away
// from the scripts at the end.
'use strict';
(function (print, readText, readTable, writeText, listFiles, drawChart) {
  const show = (value, depth, seen) => {
    if (typeof value === 'string') return depth === 0 ? value : JSON.stringify(value);
    if (typeof value === 'bigint') return String(value) + 'n';
    if (typeof value === 'symbol') return value.toString();
    if (typeof value === 'function') return '[Function' + (value.name ? ': ' + value.name : '') + ']';
    if (value === null || typeof value !== 'object') return Object.is(value, -0) ? '-0' : String(value);
    if (seen.includes(value)) return '[Circular]';
    if (value instanceof Error) return value.stack && depth === 0 ? String(value.stack) : String(value);
    if (value instanceof Date) return isNaN(value) ? 'Invalid Date' : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (depth > 4) return Array.isArray(value) ? '[Array]' : '[Object]';
    const inner = [...seen, value];
    const item = part => show(part, depth + 1, inner);
    let parts;
    let [open, close] = ['{', '}'];
    if (Array.isArray(value) || ArrayBuffer.isView(value)) {
      [open, close] = ['[', ']'];
      parts = Array.prototype.slice.call(value, 0, 100).map(item);
      if (value.length > 100) parts.push('... ' + (value.length - 100) + ' more items');
    } else if (value instanceof Map) {
      open = 'Map(' + value.size + ') {';
      parts = [...value].slice(0, 100).map(([key, part]) => item(key) + ' => ' + item(part));
    } else if (value instanceof Set) {
      open = 'Set(' + value.size + ') {';
      parts = [...value].slice(0, 100).map(item);
    } else {
      const keys = Object.keys(value);
      parts = keys.slice(0, 100).map(key => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)) + ': ' + item(value[key]));
      if (keys.length > 100) parts.push('... ' + (keys.length - 100) + ' more');
    }
    if (parts.length === 0) return open + close;
    const line = open + ' ' + parts.join(', ') + ' ' + close;
    if (line.length <= 76 && !line.includes('\n')) return line;
    const indent = '  '.repeat(depth + 1);
    return open + '\n' + indent + parts.join(',\n' + indent) + '\n' + '  '.repeat(depth) + close;
  };
  const log = (...values) => print(values.map(value => show(value, 0, [])).join(' ') + '\n');
  const table = rows => {
    if (!Array.isArray(rows) || rows.length === 0 || typeof rows[0] !== 'object') return log(rows);
    const names = [...new Set(rows.flatMap(row => Object.keys(row)))];
    const cells = [names, ...rows.map(row => names.map(name => row[name] === undefined ? '' : show(row[name], 0, [])))];
    const widths = names.map((_, column) => Math.max(...cells.map(row => row[column].length)));
    const isNumber = names.map(name => rows.every(row => row[name] == null || typeof row[name] === 'number'));
    for (const row of cells) {
      print(row.map((cell, column) => isNumber[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))
        .join('  ').trimEnd() + '\n');
    }
  };
  const define = (name, value) =>
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  define('console', { log, info: log, debug: log, warn: log, error: log, table });
  define('print', log);
  define('readText', name => readText(String(name)));
  define('readCsv', name => JSON.parse(readTable(String(name))));
  define('readJson', name => JSON.parse(readText(String(name))));
  define('writeText', (name, text) => writeText(String(name), String(text)));
  define('writeJson', (name, value) => writeText(String(name), JSON.stringify(value, null, 2)));
  define('listFiles', () => JSON.parse(listFiles()));
  define('chart', options => drawChart(JSON.stringify(options) ?? 'null'));
  define('__show', value => show(value, 0, []));
  define('__describe', error => error instanceof Error ? error.name + ': ' + error.message : String(error));
  // One step of the engine that takes minutes could not be stopped: these are taken in many.
  const toText = BigInt.prototype.toString;
  const limit = 2n ** 200000n;
  BigInt.prototype.toString = function (radix) {
    if (this > limit || this < -limit) throw new RangeError('The number is too long for that.');
    return toText.call(this, radix);
  };
  Array.prototype.flat = function (depth = 1) {
    const all = [];
    const add = (list, left) => {
      for (const item of list) Array.isArray(item) && left > 0 ? add(item, left - 1) : all.push(item);
    };
    add(this, depth);
    return all;
  };
  String.raw = (strings, ...values) => {
    let text = '';
    for (let i = 0; i < strings.raw.length; i++) {
      text += strings.raw[i] + (i + 1 < strings.raw.length && i < values.length ? values[i] : '');
    }
    return text;
  };
})(__print, __readText, __readTable, __writeText, __listFiles, __drawChart);
for (const name of ['__print', '__readText', '__readTable', '__writeText', '__listFiles', '__drawChart']) delete globalThis[name];
