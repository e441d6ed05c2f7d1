//! A person ready to be filmed.

use crate::head::Head;
use crate::identity::RestHead;
use crate::person::Person;
use crate::render::hair::{Curtain, hair_cover};
use crate::render::paint::Skin;
use crate::render::shade::Material;
use crate::vec3::smoothstep;

/// Geometry at rest and painted skin.
#[derive(Debug)]
pub(crate) struct Subject {
    pub person: Person,
    pub rest: RestHead,
    pub skin: Skin,
    /// Outward shift of the scalp by hair, per vertex, dm.
    pub hair_dm: Vec<f32>,
    pub curtain: Option<Curtain>,
    /// Triangles of the head, then of long hair.
    pub triangles: Vec<[u16; 3]>,
    pub materials: Vec<Material>,
}

impl Subject {
    /// A person's head and skin; costly.
    pub fn new(person: &Person) -> Subject {
        let head = Head::get();
        let look = &person.identity.appearance;
        let hair = &look.hair;
        let cover = |v: usize| {
            let [s, t] = head.st[v];
            let scalp = hair_cover(hair, s, t, 0.13) * (1.0 - smoothstep(0.05, 0.4, head.asset.masks["ears"][v]));
            if head.outside[v] { scalp * hair.thickness_dm } else { 0.0 }
        };
        let hair_dm = (0..head.st.len()).map(cover).collect();
        let rest = RestHead::new(&person.identity);
        let curtain = Curtain::new(hair, &rest, look.paint_seed);
        let (mut triangles, mut materials) = (head.asset.triangles.clone(), head_materials());
        if let Some(curtain) = &curtain {
            let first = head.st.len() as u16;
            triangles.extend(curtain.triangles.iter().map(|t| t.map(|v| v + first)));
            materials.resize(triangles.len(), Material::Hair);
        }
        let skin = Skin::paint(look, person.skin_detail, person.marks);
        Subject { person: person.clone(), rest, skin, hair_dm, curtain, triangles, materials }
    }
}

/// Material of each triangle of the head.
fn head_materials() -> Vec<Material> {
    let head = Head::get();
    let mut materials = vec![Material::Unseen; head.asset.triangles.len()];
    for (name, material) in [
        ("skin", Material::Skin),
        ("eye_left", Material::EyeLeft),
        ("eye_right", Material::EyeRight),
        ("teeth_upper", Material::Teeth),
        ("teeth_lower", Material::Teeth),
        ("tongue", Material::Tongue),
    ] {
        materials[head.group(name)].fill(material);
    }
    materials
}
