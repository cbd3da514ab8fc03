//! JSON to a rectangular table, once: after that it is read like CSV.
//!
//! Understood are lists of lists, lists of objects, an object of columns, one object, and any of these once per line; inside
//! `result`, `data`, `params` and the like, as venues answer. Objects in objects are flattened with dots (`stats.volume`);
//! lists in cells stay as they are written.

use serde_json::{Map, Value};

use crate::DataError;

/// Larger files do not fit in memory once they are understood; venues answer with pages of some hundred kilobytes.
const MAX_BYTES: usize = 512 << 20;

/// No table of market data has more columns.
const MAX_COLUMNS: usize = 4096;

/// A table is at most this many times the size of its JSON: records with ever new names would fill memory with blanks.
const MAX_GROWTH: usize = 32;

/// A bar has a time and four prices.
const MIN_BAR: usize = 5;

/// Names under which venues wrap what they answer.
const WRAPPERS: [&str; 9] =
    ["result", "params", "data", "trades", "list", "rows", "candles", "ohlc", "items"];

/// A table made of JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonTable {
    /// Where it stood in the file: `result.data`; empty at the top.
    pub(crate) path: String,
    /// Comma-separated lines, one per record; a line of names first, unless records are lists.
    pub(crate) csv: Vec<u8>,
    /// Whether the first line has the names.
    pub(crate) has_names: bool,
}

/// Whether bytes look like JSON.
pub(crate) fn is_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    matches!(bytes.trim_ascii_start(), [b'{' | b'[', ..])
}

/// Makes a table of JSON.
///
/// # Errors
/// [`DataError::Json`] with line and column when it is none, or no table shows in it; [`DataError::NoRecords`] when it is
/// empty.
pub(crate) fn table(file: &str, bytes: &[u8]) -> Result<JsonTable, DataError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.len() > MAX_BYTES {
        let reason =
            format!("it is larger than {} MiB; convert it to CSV or Parquet", MAX_BYTES >> 20);
        return Err(shape_error(file, reason));
    }
    let mut documents = Vec::new();
    for document in serde_json::Deserializer::from_slice(bytes).into_iter::<Value>() {
        documents.push(document.map_err(|error| json_error(file, &error))?);
    }
    let mut path = String::new();
    let mut rows = Rows::default();
    for document in &documents {
        path = rows.take_document(file, document)?;
    }
    if rows.is_empty() {
        return Err(DataError::NoRecords { file: file.to_owned() });
    }
    let limit = bytes.len() * MAX_GROWTH + (1 << 16);
    let (csv, has_names) = rows.written(file, limit)?;
    Ok(JsonTable { path, csv, has_names })
}

/// A column by its name.
type Column<'a> = (&'a str, &'a [Value]);

/// What a file holds, by shape.
#[derive(Default)]
struct Rows<'a> {
    lists: Vec<&'a [Value]>,
    objects: Vec<&'a Map<String, Value>>,
    columns: Vec<Vec<Column<'a>>>,
}

impl<'a> Rows<'a> {
    fn is_empty(&self) -> bool {
        self.lists.is_empty() && self.objects.is_empty() && self.columns.is_empty()
    }

    /// Takes one document; answers where in it the records stood.
    fn take_document(&mut self, file: &str, document: &'a Value) -> Result<String, DataError> {
        let (value, path) = unwrapped(document);
        match value {
            Value::Array(cells) if !cells.is_empty() && cells.iter().all(is_cell) => {
                self.lists.push(cells);
            }
            Value::Array(records) => self.take_records(file, records)?,
            Value::Object(object) => match columns(file, object)? {
                Some(columns) => self.columns.push(columns),
                None => self.objects.push(object),
            },
            _ => {
                return Err(shape_error(
                    file,
                    "a record is neither a list nor an object".to_owned(),
                ));
            }
        }
        Ok(path)
    }

    fn take_records(&mut self, file: &str, records: &'a [Value]) -> Result<(), DataError> {
        for record in records {
            match record {
                Value::Array(cells) => self.lists.push(cells),
                // Messages of a stream, one after another in a list.
                Value::Object(object) if object.contains_key("jsonrpc") => {
                    self.take_document(file, record)?;
                }
                Value::Object(object) => self.objects.push(object),
                _ => {
                    let reason = format!("found `{}` among records", brief(record));
                    return Err(shape_error(file, reason));
                }
            }
        }
        Ok(())
    }

    fn written(&self, file: &str, limit: usize) -> Result<(Vec<u8>, bool), DataError> {
        let kinds = [self.lists.is_empty(), self.objects.is_empty(), self.columns.is_empty()];
        if kinds.iter().filter(|is_empty| !**is_empty).count() > 1 {
            let reason = "some of its records are lists, others are objects".to_owned();
            return Err(shape_error(file, reason));
        }
        let mut table = Table { file, limit, csv: Vec::new() };
        if !self.lists.is_empty() {
            for cells in &self.lists {
                table.line(cells.iter().map(text))?;
            }
            return Ok((table.csv, false));
        }
        if self.columns.is_empty() {
            table.objects(&self.objects)?;
        } else {
            table.columns(&self.columns)?;
        }
        Ok((table.csv, true))
    }
}

/// What stands inside the wrapping of a venue's answer, and where.
fn unwrapped(document: &Value) -> (&Value, String) {
    let (mut value, mut path) = (document, Vec::new());
    while let Value::Object(object) = value {
        let inside = |key: &&str| {
            object
                .get(*key)
                .is_some_and(|inner| matches!(inner, Value::Object(_) | Value::Array(_)))
        };
        let wrapper = WRAPPERS.into_iter().find(inside).or_else(|| only_table(object));
        let Some(key) = wrapper else { break };
        path.push(key);
        value = &object[key];
    }
    (value, path.join("."))
}

/// The only member that is a list of bars (Kraken answers under the name of the pair), unless others are lists too. Levels
/// of an order book are shorter.
fn only_table(object: &Map<String, Value>) -> Option<&str> {
    let mut lists = object.iter().filter(|(_, value)| value.is_array());
    let (key, value) = lists.next()?;
    let is_table = value.as_array()?.first()?.as_array()?.len() >= MIN_BAR;
    (is_table && lists.next().is_none()).then_some(key)
}

/// The columns of an object of columns; `None` for one record.
fn columns<'a>(
    file: &str,
    object: &'a Map<String, Value>,
) -> Result<Option<Vec<Column<'a>>>, DataError> {
    let mut columns = Vec::new();
    for (name, value) in object {
        match value {
            Value::Array(cells) if cells.iter().all(is_cell) => {
                columns.push((&name[..], &cells[..]));
            }
            Value::Array(_) => return Ok(None),
            _ => {}
        }
    }
    if columns.len() < 2 {
        return Ok(None);
    }
    let length = columns[0].1.len();
    match columns.iter().find(|(_, cells)| cells.len() != length) {
        Some((name, cells)) => Err(shape_error(
            file,
            format!(
                "its columns differ in length: `{}` has {length}, `{name}` has {}",
                columns[0].0,
                cells.len()
            ),
        )),
        None if length == 0 => Err(DataError::NoRecords { file: file.to_owned() }),
        None => Ok(Some(columns)),
    }
}

fn is_cell(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

/// Lines as they are written.
struct Table<'a> {
    file: &'a str,
    limit: usize,
    csv: Vec<u8>,
}

impl Table<'_> {
    fn columns(&mut self, blocks: &[Vec<Column<'_>>]) -> Result<(), DataError> {
        let names: Vec<&str> = blocks[0].iter().map(|(name, _)| *name).collect();
        self.line(names.iter().map(|name| (*name).to_owned()))?;
        for block in blocks {
            if block.len() != names.len()
                || !names.iter().zip(block).all(|(name, column)| *name == column.0)
            {
                let reason = "its parts have different columns".to_owned();
                return Err(shape_error(self.file, reason));
            }
            for row in 0..block[0].1.len() {
                self.line(block.iter().map(|(_, cells)| text(&cells[row])))?;
            }
        }
        Ok(())
    }

    fn objects(&mut self, objects: &[&Map<String, Value>]) -> Result<(), DataError> {
        let mut names = Names::default();
        let mut name = String::new();
        for object in objects {
            flatten(object, &mut name, &mut |name, _| names.add(name));
            if names.all.len() > MAX_COLUMNS {
                let reason = format!("its records have more than {MAX_COLUMNS} different names");
                return Err(shape_error(self.file, reason));
            }
        }
        self.line(names.all.iter().cloned())?;
        let mut cells = vec![String::new(); names.all.len()];
        for object in objects {
            cells.iter_mut().for_each(String::clear);
            flatten(object, &mut name, &mut |name, value| {
                if let Some(position) = names.position(name) {
                    cells[position] = text(value);
                }
            });
            self.line(cells.iter().cloned())?;
        }
        Ok(())
    }

    fn line(&mut self, cells: impl Iterator<Item = String>) -> Result<(), DataError> {
        let start = self.csv.len();
        for (position, cell) in cells.enumerate() {
            if position > 0 {
                self.csv.push(b',');
            }
            write_cell(&mut self.csv, &cell);
        }
        // A line without a letter would not be a record.
        if self.csv.len() == start {
            self.csv.extend_from_slice(b"\"\"");
        }
        self.csv.push(b'\n');
        if self.csv.len() > self.limit {
            let reason = "its records differ too much to be rows of one table".to_owned();
            return Err(shape_error(self.file, reason));
        }
        Ok(())
    }
}

/// Names in the order in which they come.
#[derive(Default)]
struct Names {
    all: Vec<String>,
    positions: std::collections::HashMap<String, usize>,
}

impl Names {
    fn add(&mut self, name: &str) {
        if !self.positions.contains_key(name) {
            self.positions.insert(name.to_owned(), self.all.len());
            self.all.push(name.to_owned());
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.positions.get(name).copied()
    }
}

/// Gives every cell of an object with its dotted name.
fn flatten<'a>(
    object: &'a Map<String, Value>,
    name: &mut String,
    take: &mut dyn FnMut(&str, &'a Value),
) {
    let outer = name.len();
    for (key, value) in object {
        if outer > 0 {
            name.push('.');
        }
        name.push_str(key);
        match value {
            Value::Object(inner) => flatten(inner, name, take),
            _ => take(name, value),
        }
        name.truncate(outer);
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn write_cell(csv: &mut Vec<u8>, cell: &str) {
    if !cell.contains([',', '"', '\n', '\r']) {
        csv.extend_from_slice(cell.as_bytes());
        return;
    }
    csv.push(b'"');
    for byte in cell.bytes() {
        match byte {
            b'"' => csv.extend_from_slice(b"\"\""),
            b'\n' | b'\r' => csv.push(b' '),
            other => csv.push(other),
        }
    }
    csv.push(b'"');
}

fn brief(value: &Value) -> String {
    value.to_string().chars().take(40).collect()
}

fn json_error(file: &str, error: &serde_json::Error) -> DataError {
    let said = error.to_string();
    let reason = said.split(" at line ").next().unwrap_or_default().to_lowercase();
    DataError::Json {
        file: file.to_owned(),
        place: format!(" line {}, column {}", error.line(), error.column()),
        reason,
    }
}

fn shape_error(file: &str, reason: String) -> DataError {
    DataError::Json { file: file.to_owned(), place: String::new(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: &str) -> (String, String) {
        let table = table("x.json", json.as_bytes()).unwrap();
        (table.path, String::from_utf8(table.csv).unwrap())
    }

    fn error(json: &str) -> String {
        table("x.json", json.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn every_shape_becomes_the_same_table() {
        let names = "t,c\n1,2.5\n3,4\n";
        for (json, path, csv) in [
            ("[[1, 2.5], [3, 4]]", "", "1,2.5\n3,4\n"),
            (
                r#"{"result": {"data": [[1, 2.5], [3, 4]], "continuation": null}}"#,
                "result.data",
                "1,2.5\n3,4\n",
            ),
            ("[1, 2.5]\n[3, 4]\n", "", "1,2.5\n3,4\n"),
            (
                r#"{"error": [], "result": {"XXBTZUSD": [[1, 2, 3, 1, 2.5]], "last": 3}}"#,
                "result.XXBTZUSD",
                "1,2,3,1,2.5\n",
            ),
            (r#"[{"t": 1, "c": 2.5}, {"t": 3, "c": 4}]"#, "", names),
            (
                r#"{"result": {"trades": [{"t": 1, "c": 2.5}, {"t": 3, "c": 4}], "has_more": true}}"#,
                "result.trades",
                names,
            ),
            ("{\"t\": 1, \"c\": 2.5}\n{\"t\": 3, \"c\": 4}", "", names),
            (
                r#"{"jsonrpc": "2.0", "result": {"t": [1, 3], "c": [2.5, 4], "status": "ok"}}"#,
                "result",
                names,
            ),
        ] {
            assert_eq!(shown(json), (path.to_owned(), csv.to_owned()), "{json}");
        }
    }

    #[test]
    fn objects_are_flattened_and_lists_stay_in_their_cell() {
        let json = r#"{"method": "subscription", "params": {"channel": "x", "data":
            {"stats": {"high": 2, "low": null}, "bids": [[1.5, 3]], "name": "a \"b\",\nc", "up": true}}}"#;
        let csv = "stats.high,stats.low,bids,name,up\n2,,\"[[1.5,3]]\",\"a \"\"b\"\", c\",true\n";
        assert_eq!(shown(json), ("params.data".to_owned(), csv.to_owned()));
        let json = r#"[{"a": 1}, {"b": 2, "a": null}]"#;
        assert_eq!(shown(json).1, "a,b\n1,\n,2\n");
    }

    #[test]
    fn numbers_keep_every_digit_that_tells_them_apart() {
        let json = "[[1502942400000, 0.1, 1e-7, 9007199254740993, 123456789.12345679, 8.98846567431158e307]]";
        assert_eq!(
            shown(json).1,
            "1502942400000,0.1,1e-7,9007199254740993,123456789.12345679,8.98846567431158e+307\n"
        );
        // Found with a parser that rounds: the last digit of one number in a hundred was off.
        let number = 8.589_973_e9_f64 / 3.0;
        let cell = shown(&format!("[[{number}, 1]]")).1;
        assert_eq!(
            cell.split(',').next().unwrap().parse::<f64>().unwrap().to_bits(),
            number.to_bits()
        );
    }

    #[test]
    fn what_is_no_table_is_an_error_with_its_place() {
        for (json, said) in [
            (
                "[[1, 2], [3",
                "`x.json` line 1, column 11 is not JSON that can be used: eof while parsing a list",
            ),
            (
                "{\"a\": 1}\n{\"a\": nan}",
                "`x.json` line 2, column 8 is not JSON that can be used: expected ident",
            ),
            ("[1, {\"a\": 2}]", "`x.json` is not JSON that can be used: found `1` among records"),
            (
                "[[1], {\"a\": 2}]",
                "`x.json` is not JSON that can be used: some of its records are lists, others are objects",
            ),
            (
                r#"{"t": [1, 2], "c": [1]}"#,
                "`x.json` is not JSON that can be used: its columns differ in length: `t` has 2, `c` has 1",
            ),
            ("[]", "`x.json` holds no records"),
            (r#"{"result": {"data": []}}"#, "`x.json` holds no records"),
        ] {
            assert_eq!(error(json), said, "{json}");
        }
    }

    #[test]
    fn hostile_json_is_refused() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(error(&deep).contains("recursion limit exceeded"), "{}", error(&deep));
        let ragged: Vec<String> = (0..4000).map(|key| format!("{{\"{key}\":1}}")).collect();
        let said = error(&ragged.join("\n"));
        assert!(said.ends_with("its records differ too much to be rows of one table"), "{said}");
        let wide: Vec<String> = (0..5000).map(|key| format!("\"{key}\":1")).collect();
        let said = error(&format!("{{{}}}", wide.join(",")));
        assert!(said.ends_with("its records have more than 4096 different names"), "{said}");
    }
}
