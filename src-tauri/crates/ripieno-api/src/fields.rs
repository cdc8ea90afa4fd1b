//! Reading parameters: unknown ones are refused with the nearest that exists.

use crate::error::ApiError;
use serde::{
    Deserialize,
    de::{DeserializeOwned, Deserializer, Visitor, value::Error},
};
use serde_json::Value;

/// Reads the parameters of a method; no parameters at all count as an empty object.
///
/// # Errors
/// Usage, naming the parameter and what it should be.
pub fn read<T: DeserializeOwned>(method: &str, params: Value) -> Result<T, ApiError> {
    let params = if params.is_null() {
        Value::Object(serde_json::Map::new())
    } else {
        params
    };
    let Value::Object(map) = &params else {
        return Err(ApiError::usage(format!(
            "the parameters of {method} are an object, such as {{\"id\":\"T-41\"}}"
        )));
    };
    let known = names::<T>();
    if let Some(name) = map.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(ApiError::usage(format!(
            "{method} has no parameter `{name}`{}",
            suggestion(name, known)
        )));
    }
    serde_json::from_value(params)
        .map_err(|bad| ApiError::usage(format!("the parameters of {method} are wrong: {bad}")))
}

/// The sentence that names the nearest of some names, or all of them.
#[must_use]
pub fn suggestion(given: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|name| (strsim::jaro_winkler(given, name), name));
    let best = near
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((_, name)) => format!("; did you mean `{name}`?"),
        None if known.is_empty() => "; it takes none".to_owned(),
        None => format!("; it takes {}", known.join(", ")),
    }
}

/// The names of a structure's fields, as its own reader knows them.
fn names<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // Ends with an error by design: only the names are wanted.
    drop(T::deserialize(Names(&mut names)));
    names
}

struct Names<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom(
            "only structures have named fields",
        ))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        Err(serde::de::Error::custom("the names are known"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// No parameters at all.
#[derive(Clone, Copy, Debug, Default, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Sample {
        prompt: String,
        #[serde(default)]
        depends_on: Vec<String>,
    }

    #[test]
    fn unknown_parameter_is_refused_with_the_nearest() {
        let refused = read::<Sample>("task.add", json!({ "promt": "x" })).unwrap_err();
        assert_eq!(
            refused.message,
            "task.add has no parameter `promt`; did you mean `prompt`?"
        );
        assert_eq!(refused.exit_code(), 2);
    }

    #[test]
    fn missing_and_mistyped_parameters_are_named() {
        let missing = read::<Sample>("task.add", Value::Null).unwrap_err();
        assert!(
            missing.message.contains("missing field `prompt`"),
            "{missing}"
        );
        let wrong = read::<Sample>("task.add", json!({ "prompt": 7 })).unwrap_err();
        assert!(wrong.message.contains("expected a string"), "{wrong}");
        let list = read::<Sample>("task.add", json!(["x"])).unwrap_err();
        assert!(list.message.contains("are an object"), "{list}");
    }

    #[test]
    fn method_without_parameters_says_so() {
        let refused = read::<Nothing>("status", json!({ "zzz": 1 })).unwrap_err();
        assert_eq!(
            refused.message,
            "status has no parameter `zzz`; it takes none"
        );
    }
}
